"""The dossier template: which version is in force, and what it asks of a dossier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from wagtail.models import Page

from archives.default_template import RULES, SECTIONS
from archives.models import DossierPage, GateRule, TemplateItem, TemplateRemoval, TemplateVersion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from estates.models import Estate


@dataclass(frozen=True, slots=True)
class Section:
    words: str
    items: list[TemplateItem]


def template_in_force() -> TemplateVersion:
    """The version that dossiers are entered by; version 1 is made when first needed."""
    return TemplateVersion.objects.filter(state=TemplateVersion.State.IN_FORCE).first() or _first_version()


@transaction.atomic
def _first_version() -> TemplateVersion:
    """Two who need it first at once get the same."""
    Page.objects.select_for_update().get(depth=1)
    if found := TemplateVersion.objects.filter(state=TemplateVersion.State.IN_FORCE).first():
        return found
    version = TemplateVersion.objects.create(
        number=1, state=TemplateVersion.State.IN_FORCE, applied_at=timezone.now(), note="初始模板"
    )
    placed = [(section, item) for section, items in SECTIONS.items() for item in items]
    TemplateItem.objects.bulk_create(
        TemplateItem(template=version, sort_order=order, section=section[0], section_en=section[1], **item._asdict())
        for order, (section, item) in enumerate(placed)
    )
    return version


def gate_rules() -> list[GateRule]:
    """Every rule, active or not; the usual ones are made when there is none at all."""
    rules = list(GateRule.objects.all())
    if not rules:
        GateRule.objects.bulk_create(
            [GateRule(sort_order=order, **rule._asdict()) for order, rule in enumerate(RULES)], ignore_conflicts=True
        )
        rules = list(GateRule.objects.all())
    return rules


def template_of(dossier: DossierPage) -> TemplateVersion:
    """The version that the dossier was filed under; before that the one in force."""
    return dossier.template or template_in_force()


def items_for(version: TemplateVersion, estate: Estate | None) -> list[TemplateItem]:
    """What the version asks on that estate, in order: its own additions with the others, its removals left out."""
    removed = {row.code for row in TemplateRemoval.objects.filter(template=version, estate=estate)}
    items = TemplateItem.objects.filter(template=version).order_by("sort_order", "pk")
    return [item for item in items if item.estate_id in (None, estate and estate.pk) and item.code not in removed]


def sections_of(items: Iterable[TemplateItem]) -> list[Section]:
    """The items under the headings of their sections, both in the order of the template."""
    found: dict[str, Section] = {}
    for item in items:
        found.setdefault(item.section, Section(item.section_words, [])).items.append(item)
    return list(found.values())


def known_items() -> dict[str, TemplateItem]:
    """Every item that any version ever had, by code, in its newest form: for values kept from earlier versions."""
    rows = TemplateItem.objects.select_related("template").order_by("template__number", "sort_order", "pk")
    found = {item.code: item for item in rows}
    return found or {item.code: item for item in rows.filter(template=template_in_force())}
