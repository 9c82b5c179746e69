"""Show what is held about a customer, for a stated purpose, in the register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction

from archives import policies
from archives.items import Value
from archives.models import DossierPage, TemplateItem
from archives.profiles import Profile, latest_profile
from archives.register import Reader, data_part, note
from archives.services.wording import reading_purpose
from archives.template import items_for, known_items, template_of
from vault.models.access import Act


@dataclass(frozen=True, slots=True)
class Shown:
    """An item with its value; `value` is None where it is filled but not for this person to see."""

    item: TemplateItem
    value: Value | None


@transaction.atomic
def reveal_profile(*, reader: Reader, dossier: DossierPage, purpose: str, act: str = Act.REVEALED) -> list[Shown]:
    """The filled items in the template's order, those the person may see in the clear.

    Raises PermissionDenied (noted as refused by the caller), DossierError without a usable purpose, and what
    `vault.sealing` raises.
    """
    if not policies.may_reveal(reader.user, dossier):
        raise PermissionDenied
    profile = latest_profile(dossier.customer)
    why = reading_purpose(purpose, profile)
    shown = shown_items(reader, dossier, profile)
    note(reader, act, dossier, purpose=why, count=sum(one.value is not None for one in shown), part=data_part(dossier))
    return shown


def shown_items(reader: Reader, dossier: DossierPage, profile: Profile) -> list[Shown]:
    """Filled items: the template's first, then what earlier versions asked."""
    seen = policies.revealed_to(reader.user, dossier)
    return [
        Shown(item, profile[item.code] if item.sensitivity in seen else None)
        for item in ordered_items(dossier, profile)
    ]


def ordered_items(dossier: DossierPage, profile: Profile) -> Sequence[TemplateItem]:
    asked = items_for(template_of(dossier), dossier.estate)
    codes = {item.code for item in asked}
    kept = [item for code, item in known_items().items() if code not in codes and code in profile]
    return [*(item for item in asked if item.code in profile), *kept]
