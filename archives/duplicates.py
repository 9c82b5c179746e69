"""Which customers may be one, by tokens of the blind index and their homes. No profile is opened.

A pair needs the same ID number, or a name that is or sounds the same and one thing more. What only families, neighbours
and namesakes share proposes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from archives import policies
from archives.life_vocabulary import Likeness, ProposalState
from archives.models import CustomerToken, DossierPage, DuplicateProposal
from archives.vocabulary import GONE_STATES
from estates.access import reach_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from archives.querysets import DossierQuerySet
    from estates.models import User

WEIGHTS = {
    Likeness.IDENTITY: 8,
    Likeness.NAME: 3,
    Likeness.PINYIN: 2,
    Likeness.PHONE: 4,
    Likeness.ADDRESS: 3,
    Likeness.UNIT: 2,
    Likeness.SWAPPED: 1,
}
CROWD = 12
"""A phone or an address that more customers share belongs to none of them: an agency's, a reception desk's."""

BATCH = 2_000
BLOCKS = {"identity": Likeness.IDENTITY, "phone": Likeness.PHONE, "address": Likeness.ADDRESS}
Pair = tuple[int, int]


@dataclass
class Index:
    """What is compared of the customers: tokens by kind, homes, and who has an ID number on file."""

    blocks: dict[tuple[str, str], set[int]] = field(default_factory=lambda: defaultdict(set))
    names: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    sounds: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    identified: set[int] = field(default_factory=set)


def propose_duplicates(only: Collection[int] | None = None) -> int:
    """Look for pairs among all customers, or pairs with one of `only`, and keep them for a person to decide on. What
    was decided stays. Returns how many wait now among those looked at."""
    found = find_pairs(only)
    rows = DuplicateProposal.objects.all()
    if only is not None:
        rows = rows.filter(first__in=only) | rows.filter(second__in=only)
    with transaction.atomic():
        decided = set(rows.exclude(state=ProposalState.PROPOSED).values_list("first", "second"))
        rows.filter(state=ProposalState.PROPOSED).exclude(pk__in=_still(rows, found)).delete()
        wanted = [
            DuplicateProposal(first_id=first, second_id=second, reasons=[str(code) for code in why], score=score(why))
            for (first, second), why in found.items()
            if (first, second) not in decided
        ]
        DuplicateProposal.objects.bulk_create(
            wanted,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["first", "second"],
            update_fields=["reasons", "score"],
        )
    return len(wanted)


def _still(rows: QuerySet[DuplicateProposal], found: Mapping[Pair, object]) -> list[int]:
    kept = rows.values_list("pk", "first", "second")
    return [pk for pk, first, second in kept if (first, second) in found]


def score(why: Iterable[Likeness]) -> int:
    return sum(WEIGHTS[one] for one in why)


def find_pairs(only: Collection[int] | None = None) -> dict[Pair, list[Likeness]]:
    """Every pair that may be one person, the smaller id first, with why; or those with one of `only`, for which just
    the customers are looked at who share something with them."""
    index = _index(_homes(None if only is None else _around(only)))
    likenesses: dict[Pair, set[Likeness]] = defaultdict(set)
    for (kind, _value), members in index.blocks.items():
        if len(members) <= CROWD:
            for pair in combinations(sorted(members), 2):
                likenesses[pair].add(Likeness(kind))
    wanted = None if only is None else set(only)
    chosen = {pair: shared for pair, shared in likenesses.items() if wanted is None or wanted.intersection(pair)}
    return {pair: why for pair, shared in chosen.items() if (why := _why(pair, shared, index))}


def _around(only: Collection[int]) -> set[int]:
    """These customers, and those who share a phone, an address, an ID number or a home with one of them."""
    tokens = CustomerToken.objects.filter(customer__in=only, kind__in=BLOCKS).values("token")
    around = {*only, *CustomerToken.objects.filter(token__in=tokens).values_list("customer", flat=True)}
    for homes in _homes(only).values():
        for estate, code in homes:
            building, entrance, room = code.split("-")
            same = Q(unit__code=code) | Q(unit__code=f"{entrance}-{building}-{room}")
            around |= set(DossierPage.objects.filter(same, estate=estate).values_list("customer", flat=True))
    return around


def _comparable() -> DossierQuerySet:
    """Dossiers that are there, and whose customers did not have the use of their data stopped."""
    return DossierPage.objects.exclude(state__in=GONE_STATES).filter(customer__restricted_at=None)


def _homes(only: Collection[int] | None) -> dict[int, list[tuple[int, str]]]:
    """The homes of every customer who has a dossier, or of those alone: estate and unit code, by the customer's id."""
    homes: dict[int, list[tuple[int, str]]] = defaultdict(list)
    dossiers = _comparable()
    chosen = dossiers if only is None else dossiers.filter(customer__in=only)
    for customer, estate, code in chosen.values_list("customer", "estate", "unit__code").iterator(chunk_size=BATCH):
        homes[customer].append((estate, code))
    return homes


def _index(people: Mapping[int, list[tuple[int, str]]]) -> Index:
    index = Index()
    rows = CustomerToken.objects.filter(kind__in=[*BLOCKS, "name", "pinyin"])
    if len(people) <= BATCH:
        rows = rows.filter(customer__in=people)
    for customer, kind, token in rows.values_list("customer", "kind", "token").iterator(chunk_size=BATCH):
        if customer not in people:
            continue
        if kind == "identity":
            index.identified.add(customer)
        if kind in BLOCKS:
            index.blocks[(str(BLOCKS[kind]), token)].add(customer)
        else:
            (index.names if kind == "name" else index.sounds)[customer].add(token)
    for customer, homes in people.items():
        for estate, code in homes:
            index.blocks[(str(Likeness.UNIT), f"{estate}:{code}")].add(customer)
            index.blocks[(str(Likeness.SWAPPED), f"{estate}:{_swapped(code)}")].add(customer)
    return index


def _swapped(code: str) -> str:
    """The same for two homes whose building and entrance are exchanged."""
    building, entrance, room = code.split("-")
    return "-".join([*sorted((building, entrance)), room])


def _why(pair: Pair, shared: set[Likeness], index: Index) -> list[Likeness]:
    """In the order of their weight; empty when the two are no likely pair."""
    first, second = pair
    if Likeness.UNIT in shared:
        shared = shared - {Likeness.SWAPPED}
    named = bool(index.names[first] & index.names[second])
    sounds = named or bool(index.sounds[first] & index.sounds[second])
    found = shared | ({Likeness.NAME} if named else {Likeness.PINYIN} if sounds else set())
    if Likeness.IDENTITY in shared:
        return _ordered(found)
    if not sounds or not shared - {Likeness.SWAPPED}:
        return []
    if {first, second} <= index.identified and not {Likeness.NAME, Likeness.PHONE} <= found:
        return []
    return _ordered(found)


def _ordered(found: Iterable[Likeness]) -> list[Likeness]:
    return sorted(found, key=lambda one: (-WEIGHTS[one], one))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A proposal with the dossiers of both customers, the ones that the person may see."""

    proposal: DuplicateProposal
    first: DossierPage
    second: DossierPage


def candidates_for(user: User, most: int | None = None) -> list[Candidate]:
    """Proposals that wait and whose dossiers are both on estates where the person may merge."""
    return list(_candidates(user, DuplicateProposal.objects.filter(state=ProposalState.PROPOSED), most))


def candidate_for(user: User, pk: int) -> Candidate | None:
    return next(_candidates(user, DuplicateProposal.objects.filter(pk=pk), 1), None)


def _candidates(user: User, rows: QuerySet[DuplicateProposal], most: int | None) -> Iterator[Candidate]:
    seen = rows.filter(*_both_sides_of(user))
    chosen = list(seen[:most] if most is not None else seen)
    customers = {pk for row in chosen for pk in (row.first_id, row.second_id)}
    dossiers = DossierPage.objects.filter(customer__in=customers).exclude(state__in=GONE_STATES).with_rows()
    by_customer = {dossier.customer_id: dossier for dossier in dossiers.order_by("-pk")}
    for row in chosen:
        yield Candidate(row, by_customer[row.first_id], by_customer[row.second_id])


def _both_sides_of(user: User) -> list[Exists]:
    """Both customers have a dossier where the person may merge. Asked for each proposal by the customer's index: as a
    list of all customers on both sides, databases compare every one with every other."""
    reach = reach_of(user, policies.DECIDING_ROLES)
    mine = DossierPage.objects.filter(reach.q("estate"), customer__restricted_at=None).exclude(state__in=GONE_STATES)
    mine = mine.order_by()
    return [Exists(mine.filter(customer=OuterRef(side))) for side in ("first", "second")]


def count_candidates(user: User) -> int:
    waiting = DuplicateProposal.objects.filter(state=ProposalState.PROPOSED)
    return waiting.filter(*_both_sides_of(user)).count()
