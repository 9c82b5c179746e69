"""What a customer gets on paper names himself and nobody else: staff by what they are, others not at all."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from archives.access_report import FOUND_BY
from archives.items import name_key
from archives.life_vocabulary import RequestKind
from archives.models import Customer, CustomerToken
from archives.vocabulary import Purpose, Step
from estates.models import Assignment, User
from estates.roles import Role
from estates.wording import enumeration
from vault.blind_index import token
from vault.models.access import Act
from vault.personal_data import Kind, without_personal_data

if TYPE_CHECKING:
    from vault.models import AccessEntry

HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·]{2,}")
SHORTEST, LONGEST = 2, 4
"""Characters of a Chinese name."""


def staff_words(user: User | None) -> str:
    """Role and department of one of our staff, never the name."""
    return staff_words_of([user.pk])[user.pk] if user else _("系统")


def staff_words_of(users: Collection[int]) -> dict[int, str]:
    """As `staff_words` for many, by their ids, in one query."""
    roles: dict[int, list[str]] = {pk: [] for pk in users}
    rows = Assignment.objects.filter(user__in=users).exclude(role=Role.SUBSCRIBER).select_related("department")
    for row in rows.order_by("pk"):
        words = str(Role(row.role).label)
        if row.department:
            words = _("%(department)s %(role)s") % {"department": row.department, "role": words}
        if words not in roles[row.user_id]:
            roles[row.user_id].append(words)
    return {pk: enumeration(words) or _("工作人员") for pk, words in roles.items()}


def purpose_for_customer(entry: AccessEntry) -> str:
    """Why or how, from the closed lists; what somebody typed may name others, and says that it was something else."""
    if entry.act == Act.SEARCHED:
        return str(FOUND_BY.get(entry.purpose, ""))
    for known in (Purpose, Step, RequestKind):
        if entry.purpose in known.values:
            return str(known(entry.purpose).label)
    return _("登记的其他目的") if entry.purpose else ""


def without_others(text: str, customer: Customer) -> str:
    """The text without names of staff, of other customers, and of people with a title. Raises what the vault raises."""
    names = User.objects.exclude(display_name="").values_list("display_name", flat=True)
    for name in sorted({name for name in names if len(name) >= SHORTEST}, key=len, reverse=True):
        text = text.replace(name, _("（工作人员）"))
    for name in sorted(_other_customers_in(text, customer), key=len, reverse=True):
        text = text.replace(name, _("（其他人）"))
    return without_personal_data(text, {Kind.NAME})


def _other_customers_in(text: str, customer: Customer) -> set[str]:
    pieces = {token("name", name_key(piece)): piece for piece in set(_pieces(text))}
    own = set(CustomerToken.objects.filter(customer=customer, token__in=pieces).values_list("token", flat=True))
    hits = CustomerToken.objects.filter(token__in=pieces).exclude(customer=customer)
    return {pieces[one] for one in hits.values_list("token", flat=True) if one not in own}


def _pieces(text: str) -> Iterator[str]:
    for run in HAN.findall(text):
        for start in range(len(run)):
            for end in range(start + SHORTEST, min(start + LONGEST, len(run)) + 1):
                yield run[start:end]
