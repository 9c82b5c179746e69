"""Enter what is known about a customer. Every save that changes something is a new sealed version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from archives import policies
from archives.gates import count_gaps
from archives.guarded import Warrant, refuse_unwarranted
from archives.items import LONGEST, LONGEST_TEXT, MOST_CHOICES, Value, doubt_about, tidy
from archives.models import Customer, CustomerToken, DossierPage, ProfileVersion, Tenure
from archives.people_tokens import tokens_of
from archives.profiles import Profile, latest_profile, sealed_profile
from archives.register import Reader
from archives.services.errors import DossierError, StaleDossier
from archives.services.restricting import refuse_restricted, refuse_without_consent
from archives.services.steps import take_step
from archives.template import items_for, known_items, template_of
from archives.vocabulary import DEED, Step
from estates.wording import enumeration
from text.cleaning import clean

if TYPE_CHECKING:
    from archives.models import TemplateItem
    from estates.models import User


@dataclass(frozen=True, slots=True)
class Saved:
    """`version` is None when nothing changed; `unasked` are the names of items that the template no longer has, whose
    values were kept all the same."""

    version: ProfileVersion | None
    unasked: Sequence[str]


@transaction.atomic
def save_profile(
    *, reader: Reader, dossier: DossierPage, values: Mapping[str, Value], loaded: int | None = None
) -> Saved:
    """Keep what the form says about the items it asked; an empty value removes what was there.

    Raises PermissionDenied, DossierError unless the dossier is being entered, StaleDossier when version `loaded` is not
    the latest, and what `vault.sealing` raises.
    """
    held = hold_open(reader, dossier)
    customer = Customer.objects.select_for_update().get(pk=held.customer_id)
    refuse_stale_profile(customer, loaded)
    known, before = known_items(), latest_profile(customer)
    asked = {code: fitting_value(known[code], value) for code, value in values.items() if code in known}
    after = {code: value for code, value in {**before, **asked}.items() if value}
    refuse_without_consent(held, [code for code, value in asked.items() if value and before.get(code) != value])
    now_asked = {item.code for item in items_for(template_of(held), held.estate)}
    unasked = [known[code].words for code in asked if code not in now_asked and asked[code]]
    changed = sorted(code for code in {*before, *after} if before.get(code) != after.get(code))
    if not changed:
        return Saved(None, unasked)
    version = write_profile(customer, after, changed, known, reader.user)
    held.customer = customer
    detail = {"items": changed, "version": version.number}
    count_gaps(held)
    take_step(reader, held, Step.ENTERED, detail=detail, count=len(changed))
    return Saved(version, unasked)


def hold_open(reader: Reader, dossier: DossierPage) -> DossierPage:
    """The dossier's row, locked, for somebody who may enter and while it is being entered.

    Raises PermissionDenied, DossierError.
    """
    held = DossierPage.objects.held(dossier.pk)
    if not policies.may_enter(reader.user, held):
        raise PermissionDenied
    refuse_restricted(held)
    if not held.is_open:
        raise DossierError(
            _("档案是“%(state)s”，现在不能修改。退回补充后可以继续；已归档的要走变更手续。")
            % {"state": held.get_state_display()}
        )
    return held


def refuse_stale_profile(customer: Customer, loaded: int | None) -> None:
    """Raises StaleDossier, naming who changed which items and when, unless version `loaded` is the latest."""
    if loaded is None or loaded == customer.latest:
        return
    later = list(customer.profiles.filter(number__gt=loaded).select_related("made_by"))
    known = known_items()
    changed = list(dict.fromkeys(code for version in later for code in version.changed))
    last = later[-1] if later else None
    raise StaleDossier(
        _("%(person)s 在 %(time)s 改过这位客户的资料（%(items)s）。您填的内容还在，没有保存：请对照后再保存一次。")
        % {
            "person": last.made_by if last else _("其他人"),
            "time": date_format(localtime(last.made_at), "Y-m-d H:i") if last else "",
            "items": enumeration(known[code].words for code in changed if code in known),
        },
        changed,
    )


def write_profile(
    customer: Customer,
    profile: Profile,
    changed: list[str],
    known: Mapping[str, TemplateItem],
    by: User,
    *,
    warrant: Warrant | None = None,
) -> ProfileVersion:
    """Append the version, and bring what is derived from it up to date. Called with the customer's row locked.

    Raises DossierError when it would change identity or contact data of a filed customer without a `warrant`.
    """
    refuse_unwarranted(customer, profile, changed, warrant)
    number = customer.latest + 1
    version = ProfileVersion.objects.create(
        customer=customer,
        number=number,
        sealed=sealed_profile(customer, number, profile),
        changed=changed,
        made_by=by,
    )
    customer.latest = number
    derive_from_profile(customer, profile, known)
    return version


def derive_from_profile(customer: Customer, profile: Profile, known: Mapping[str, TemplateItem]) -> None:
    """What the row and the blind index say of the latest profile: items filled, items doubtful, tokens."""
    customer.filled = sorted(profile)
    customer.unclear = {
        code: doubt for code, value in profile.items() if (doubt := doubt_in(known, code, value, customer))
    }
    customer.sum_up().save(update_fields=["latest", "filled", "unclear", "is_reachable"])
    Tenure.objects.filter(dossier__customer=customer).update(has_deed_number=DEED in profile)
    _index(customer, tokens_of(profile, known))


def doubt_in(known: Mapping[str, TemplateItem], code: str, value: Value, customer: Customer) -> str:
    """The code of what is doubtful about an item's value; empty when nothing is."""
    if code not in known:
        return ""
    item = known[code]
    return doubt_about(item.kind, value, options=[kept for kept, _shown in item.choices], customer=customer.kind)


def _index(customer: Customer, wanted: Mapping[str, str]) -> None:
    present = set(customer.tokens.values_list("token", flat=True))
    customer.tokens.filter(token__in=present - wanted.keys()).delete()
    CustomerToken.objects.bulk_create(
        CustomerToken(customer=customer, token=one, kind=wanted[one]) for one in sorted(wanted.keys() - present)
    )


def fitting_value(item: TemplateItem, value: Value) -> Value:
    """As `cleaned`. Raises DossierError, naming the item, for a text longer than it keeps: nothing is cut."""
    limit = LONGEST.get(item.kind, LONGEST_TEXT)
    texts = value if isinstance(value, list) else [value]
    if len(texts) > MOST_CHOICES or any(len(clean(text).strip()) > limit for text in texts):
        named = {"item": item.words, "limit": limit}
        raise DossierError(_("“%(item)s”超过 %(limit)d 个字，没有保存。请缩短。") % named)
    return cleaned(item, value)


def cleaned(item: TemplateItem, value: Value) -> Value:
    """A value as it is kept."""
    if isinstance(value, list):
        return [tidy(one, item.kind) for one in value[:MOST_CHOICES] if one.strip()]
    return tidy(value, item.kind)


@transaction.atomic
def classify_dossier(
    *, reader: Reader, dossier: DossierPage, fields: Mapping[str, str], loaded: int | None
) -> DossierPage:
    """Change need, channel or the paper's place; a new version of the page.

    Raises PermissionDenied, DossierError, also when revision `loaded` is not the latest.
    """
    held = hold_open(reader, dossier)
    if all(getattr(held, name) == fields[name] for name in fields):
        return held
    if loaded is not None and held.latest_revision_id != loaded:
        raise DossierError(_("这份档案的分类刚被别人改过，请刷新后再改。"))
    detail = {name: [getattr(held, name), fields[name]] for name in fields if getattr(held, name) != fields[name]}
    for name in fields:
        setattr(held, name, fields[name])
    held.save(update_fields=list(fields), clean=False)
    held.save_revision(user=reader.user, log_action=True, clean=False)
    count_gaps(held)
    take_step(reader, held, Step.CLASSIFIED, detail={"fields": detail})
    return held
