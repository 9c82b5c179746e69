"""Who asks about his own data shows who he is: two of ID number, phone and home must match what is held.

Only tokens of the blind index are compared: nothing held is opened, and nothing that was named is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archives.items import identity_key, phone_key
from archives.life_vocabulary import Compared, Evidence
from archives.models import CustomerToken, DossierPage
from archives.vocabulary import GONE_STATES
from estates.unit_codes import UnitCodeError, parse_unit
from vault.blind_index import token

if TYPE_CHECKING:
    from archives.models import Customer

ENOUGH = 2


@dataclass(frozen=True, slots=True)
class Named:
    """What the person named, as it was typed; empty for what he did not."""

    identity: str = ""
    phone: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`results` are codes of Compared by kind of evidence. `is_ambiguous`: another customer fits as well."""

    results: Mapping[str, str]
    is_ambiguous: bool

    @property
    def is_enough(self) -> bool:
        return list(self.results.values()).count(Compared.MATCHES) >= ENOUGH and not self.is_ambiguous


def compare_evidence(dossier: DossierPage, named: Named) -> Verdict:
    """Compare what was named with the dossier's customer and with everybody else. Raises KeysMissing."""
    tokens = _tokens(named)
    unit = _unit_code(named.unit)
    given = {
        Evidence.IDENTITY: bool(named.identity),
        Evidence.PHONE: bool(named.phone),
        Evidence.UNIT: bool(named.unit),
    }
    matching = _matching(dossier.customer, tokens, {dossier.unit.code}, unit)
    results = {
        str(kind): str(Compared.MATCHES if kind in matching else Compared.DIFFERS if given[kind] else Compared.ABSENT)
        for kind in Evidence
    }
    others = _others(dossier, tokens, unit)
    return Verdict(results, any(len(one) >= max(ENOUGH, len(matching)) for one in others))


def _tokens(named: Named) -> dict[str, str]:
    made = {}
    if named.identity.strip():
        made[token("identity", identity_key(named.identity))] = str(Evidence.IDENTITY)
    if named.phone.strip():
        made[token("phone", phone_key(named.phone))] = str(Evidence.PHONE)
    return made


def _unit_code(text: str) -> str:
    try:
        return str(parse_unit(text)) if text.strip() else ""
    except UnitCodeError:
        return ""


def _matching(customer: Customer, tokens: Mapping[str, str], units: set[str], unit: str) -> set[str]:
    held = customer.tokens.filter(token__in=tokens).values_list("token", flat=True)
    return {tokens[one] for one in held} | ({str(Evidence.UNIT)} if unit and unit in units else set())


def _others(dossier: DossierPage, tokens: Mapping[str, str], unit: str) -> list[set[str]]:
    """What matches of other customers who have at least a token in common."""
    found: dict[int, set[str]] = {}
    rows = CustomerToken.objects.filter(token__in=tokens).exclude(customer=dossier.customer_id)
    for customer, one in rows.values_list("customer", "token"):
        found.setdefault(customer, set()).add(tokens[one])
    if unit:
        there = DossierPage.objects.exclude(state__in=GONE_STATES).filter(customer__in=found, unit__code=unit)
        for customer in there.filter(estate=dossier.estate_id).values_list("customer", flat=True):
            found[customer].add(str(Evidence.UNIT))
    return list(found.values())
