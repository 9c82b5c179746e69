"""What of a filed customer changes only by form, evidence and a second person: identity and contact data.

One place says which items those are, and what lets them change; `services.entering.write_profile` asks here for every
version that is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext as _

from archives.models import DossierPage, TemplateItem
from archives.services.errors import DossierError
from archives.template import known_items
from archives.vocabulary import ADDRESS, DEED, IDENTITY, MOBILE, NAME, ItemKind, State
from estates.wording import enumeration

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from archives.items import Value
    from archives.models import Customer

CODES = frozenset({NAME, IDENTITY, MOBILE, ADDRESS, DEED, "company"})
KINDS = frozenset({ItemKind.PERSON, ItemKind.PHONE, ItemKind.IDENTITY})
FAMILY = frozenset({"spouse", "closest"})
"""Names of the family are no identity of the customer: whoever learns them adds them."""


@dataclass(frozen=True, slots=True)
class Warrant:
    """Two people stand for a change of these items: one who took it in with its proof, another who decided."""

    asked_by: int
    decided_by: int
    codes: Collection[str]


def guarded_codes() -> frozenset[str]:
    """Items that are guarded, or were in any version of the template: to change an item's kind frees nothing."""
    rows = TemplateItem.objects.filter(Q(kind__in=KINDS) | Q(code__in=CODES)).exclude(code__in=FAMILY)
    return CODES | frozenset(rows.values_list("code", flat=True))


def is_filed(customer: Customer) -> bool:
    """Whether any dossier of the customer is filed: what is held about him is one, however many dossiers he has."""
    return DossierPage.objects.filter(customer=customer, state=State.FILED).exists()


def refuse_unwarranted(
    customer: Customer, profile: Mapping[str, Value], changed: Collection[str], warrant: Warrant | None
) -> None:
    """Raises DossierError for a version that changes guarded items of a filed customer without a warrant, or takes the
    name away. A first deed number comes from us, and needs none."""
    if not is_filed(customer):
        return
    if NAME not in profile:
        raise DossierError(_("已归档的客户不能没有姓名或企业名称。"))
    guarded = guarded_codes() & set(changed)
    if DEED not in customer.filled:
        guarded -= {DEED}
    if warrant and warrant.asked_by != warrant.decided_by:
        guarded -= set(warrant.codes)
    if guarded:
        raise DossierError(filed_words(guarded))


def filed_words(codes: Collection[str]) -> str:
    """What to say of guarded items that somebody would change."""
    known = known_items()
    named = enumeration(known[code].words if code in known else code for code in known if code in codes)
    return _(
        "%(items)s已经归档，只凭客户的变更登记表、核验身份并经另一位同事批准才能改。请在档案里“受理变更申请”。"
    ) % {"items": named}
