"""Homes and customers that sales hands over, many at once: what starting and entering a dossier write one by one.

tests/archives/test_handover_import.py holds a dossier made here equal to one made by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from django.utils import timezone

from archives.gates import Facts, gaps_in
from archives.models import Customer, CustomerToken, DossierPage, DossierStep, ProfileVersion, Tenure
from archives.models.dossiers import new_slug
from archives.people_tokens import tokens_of
from archives.placing import month_folder
from archives.profiles import Profile, sealed_profile
from archives.template import gate_rules, items_for, known_items, template_in_force
from archives.vocabulary import DEED, Step
from estates.bulk_pages import delete_pages, insert_pages, insert_references, insert_revisions
from estates.models import Building, Unit
from estates.references import referred_to
from vault.data_keys import make_many
from vault.models.access import Act
from vault.register import Access, note_accesses

if TYPE_CHECKING:
    from estates.models import Estate, User
    from estates.unit_codes import UnitCode

SUBJECTS = UUID("6f3c2b0e-5a53-4a0c-9c0e-1d6f0f0a7a11")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A home of the list with what is known of it; `profile` is empty where nobody bought it yet."""

    row: int
    code: UnitCode
    profile: Profile
    kind: str
    opened_on: date
    handover_on: date | None = None
    deed_on: date | None = None
    unit_type: str = ""
    area: Decimal | None = None


@dataclass
class Made:
    """What a row made: the dossier, and those of building and home that the list brought. Zero for none."""

    dossier: int = 0
    subject: str = ""
    unit: int = 0
    listed: int = 0
    building: int = 0


def subject_for(batch: str, row: int) -> str:
    """The same for the same row of the same batch, so that writing it again after a crash makes no second key."""
    return uuid5(SUBJECTS, f"{batch}:{row}").hex


def take_over(*, by: User, estate: Estate, arrivals: Sequence[Arrival], batch: str) -> list[tuple[int, Made]]:
    """Enter homes that the list did not know, and a dossier for each customer, in entry and without documents.

    Called in a transaction; the caller has seen that the homes are free. Raises what `vault.sealing` raises.
    """
    units, made = _enter_units(estate, arrivals)
    owned = [arrival for arrival in arrivals if arrival.profile]
    if owned:
        pages = _enter_dossiers(by, estate, owned, units, batch)
        for arrival, page in zip(owned, pages, strict=True):
            made[arrival.row].dossier, made[arrival.row].subject = page.pk, page.customer.subject
    return list(made.items())


def _enter_units(estate: Estate, arrivals: Sequence[Arrival]) -> tuple[dict[str, Unit], dict[int, Made]]:
    codes = {str(arrival.code): arrival for arrival in arrivals}
    units = {u.code: u for u in Unit.objects.select_for_update().filter(estate=estate, code__in=codes).order_by("pk")}
    buildings = {building.code: building for building in Building.objects.filter(estate=estate)}
    made = {arrival.row: Made() for arrival in arrivals}
    for code, arrival in codes.items():
        if code in units:
            _list_unit(units[code], arrival, made[arrival.row])
        elif arrival.code.building not in buildings:
            building = Building.objects.create(estate=estate, code=arrival.code.building)
            buildings[building.code], made[arrival.row].building = building, building.pk
    new = {
        code: Unit(
            estate=estate,
            building=buildings[arrival.code.building],
            code=code,
            unit_type=arrival.unit_type,
            area=arrival.area,
        )
        for code, arrival in codes.items()
        if code not in units
    }
    for unit in Unit.objects.bulk_create(new.values()):
        made[codes[unit.code].row].unit = unit.pk
    return {**units, **new}, made


def _list_unit(unit: Unit, arrival: Arrival, made: Made) -> None:
    if not unit.is_registered:
        unit.is_registered, made.listed = True, unit.pk
        unit.save(update_fields=["is_registered"])


def _enter_dossiers(
    by: User, estate: Estate, owned: Sequence[Arrival], units: Mapping[str, Unit], batch: str
) -> list[DossierPage]:
    today, known = timezone.localdate(), known_items()
    subjects = [subject_for(batch, arrival.row) for arrival in owned]
    make_many(subjects)
    customers = Customer.objects.bulk_create(
        Customer(subject=subject, kind=arrival.kind, latest=1, filled=sorted(arrival.profile)).sum_up()
        for subject, arrival in zip(subjects, owned, strict=True)
    )
    tenures = Tenure.objects.bulk_create(
        Tenure(
            unit=units[str(arrival.code)],
            opened_on=arrival.opened_on,
            handover_on=arrival.handover_on,
            deed_on=arrival.deed_on,
            has_deed_number=DEED in arrival.profile,
        )
        for arrival in owned
    )
    ProfileVersion.objects.bulk_create(
        ProfileVersion(
            customer=customer,
            number=1,
            sealed=sealed_profile(customer, 1, arrival.profile),
            changed=sorted(arrival.profile),
            made_by=by,
        )
        for customer, arrival in zip(customers, owned, strict=True)
    )
    CustomerToken.objects.bulk_create(
        [
            CustomerToken(customer=customer, token=one, kind=kind)
            for customer, arrival in zip(customers, owned, strict=True)
            for one, kind in sorted(tokens_of(arrival.profile, known).items())
        ],
        batch_size=5_000,
    )
    pages = [
        DossierPage(
            title=f"{estate} {tenure.unit}",
            slug=new_slug(),
            estate=estate,
            unit=tenure.unit,
            tenure=tenure,
            customer=customer,
            record_date=today,
            owner=by,
        )
        for customer, tenure in zip(customers, tenures, strict=True)
    ]
    _count_gaps(estate, pages)
    _insert(by, estate, today, pages)
    return pages


def _count_gaps(estate: Estate, pages: Sequence[DossierPage]) -> None:
    rules, items = gate_rules(), items_for(template_in_force(), estate)
    for page in pages:
        page.open_gaps = len(gaps_in(Facts(page, items, ()), rules))


def _insert(by: User, estate: Estate, today: date, pages: Sequence[DossierPage]) -> None:
    """The pages with their first revision, history and lines of the register."""
    folder = month_folder(estate, today)
    insert_pages([(folder, page) for page in pages])
    insert_revisions(pages, by, timezone.now())
    insert_references(pages)
    details = [
        (page, step, {"items": page.customer.filled, "version": 1} if step == Step.ENTERED else {})
        for page in pages
        for step in (Step.STARTED, Step.ENTERED)
    ]
    DossierStep.objects.bulk_create(
        DossierStep(dossier=page, step=step, detail=detail, by=by) for page, step, detail in details
    )
    note_accesses(
        by,
        [
            Access(Act.CHANGED, page.customer.subject, page.key, str(step), max(len(detail.get("items", ())), 1))
            for page, step, detail in details
        ],
    )


def give_back(*, by: User, made: Sequence[tuple[int, Made]]) -> list[int]:
    """Take back what rows made, in the caller's transaction. Returns the rows that stay, because somebody went on with
    their dossier."""
    wanted = {one.dossier: row for row, one in made if one.dossier}
    held = DossierPage.objects.select_for_update(of=("self",)).filter(pk__in=wanted).select_related("customer")
    pages = {page.pk: page for page in held.order_by("pk")}
    worked = _worked_on(pages)
    gone = [page for pk, page in pages.items() if pk not in worked]
    _delete_dossiers(by, gone)
    kept = {wanted[pk] for pk in worked}
    _give_back_units([one for row, one in made if row not in kept])
    return sorted(kept)


def _worked_on(pages: Mapping[int, DossierPage]) -> set[int]:
    """Dossiers on which more was done than the import did."""
    more = {pk for pk, page in pages.items() if page.state != page._meta.get_field("state").default}
    more |= {pk for pk, page in pages.items() if page.customer.latest != 1}
    steps = DossierStep.objects.filter(dossier__in=pages).exclude(step__in=[Step.STARTED, Step.ENTERED])
    more |= set(steps.values_list("dossier", flat=True))
    for children in ("contacts", "documents", "loans", "changes"):
        more |= set(DossierPage.objects.filter(pk__in=pages).exclude(**{children: None}).values_list("pk", flat=True))
    return more


def _delete_dossiers(by: User, gone: Sequence[DossierPage]) -> None:
    if not gone:
        return
    customers = [page.customer_id for page in gone]
    tenures = [page.tenure_id for page in gone if page.tenure_id]
    note_accesses(by, [Access(Act.DESTROYED, page.customer.subject, page.key, str(Step.UNDONE.value)) for page in gone])
    ProfileVersion.objects.filter(customer__in=customers).delete()
    delete_pages(gone)
    Tenure.objects.filter(pk__in=tenures).delete()
    Customer.objects.filter(pk__in=customers).delete()


def _give_back_units(gone: Sequence[Made]) -> None:
    Unit.objects.filter(pk__in=[one.listed for one in gone if one.listed]).update(is_registered=False)
    units = {one.unit for one in gone if one.unit}
    Unit.objects.filter(pk__in=units - referred_to(Unit, units)).delete()
    buildings = {one.building for one in gone if one.building}
    Building.objects.filter(pk__in=buildings - referred_to(Building, buildings)).delete()
