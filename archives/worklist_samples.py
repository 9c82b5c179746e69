"""Many records at once for measuring work lists: bare rows, nothing sealed, as no list opens them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from archives.models import (
    ChangeRequest,
    Customer,
    DossierDocument,
    DossierPage,
    DossierStep,
    DuplicateProposal,
    Loan,
    PersonRequest,
    Tenure,
)
from archives.models.dossiers import new_slug
from archives.placing import month_folder
from archives.vocabulary import State, Step
from estates.bulk_pages import insert_pages
from estates.models import Building, Unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from estates.models import Estate, User

BATCH = 1_000
STATES = [State.FILED] * 16 + [State.ENTERING] * 2 + [State.SUBMITTED, State.RETURNED]
FILLED = ["address", "identity", "mobile", "name"]


def write_dossiers(estate: Estate, owner: User, part: Sequence[int]) -> None:
    """Dossiers with these running numbers, BATCH at most: one in five is not filed, one in seven lacks an address."""
    day = date(2024, 1, 1) + timedelta(part[0] // BATCH)
    building = Building.objects.create(estate=estate, code=str(100 + part[0] // BATCH))
    units = Unit.objects.bulk_create(
        Unit(estate=estate, building=building, code=f"{building.code}-1-{101 + place}", is_registered=True)
        for place in range(len(part))
    )
    customers = Customer.objects.bulk_create(
        Customer(filled=FILLED if place % 7 else FILLED[1:]).sum_up() for place in range(len(part))
    )
    tenures = Tenure.objects.bulk_create(
        Tenure(unit=unit, opened_on=day, deed_on=day if place % 20 == 0 else None) for place, unit in enumerate(units)
    )
    folder = month_folder(estate, day)
    pages = []
    for n, unit, customer, tenure in zip(part, units, customers, tenures, strict=True):
        page = DossierPage(title=str(unit), slug=new_slug(), estate=estate, unit=unit, tenure=tenure, customer=customer)
        page.record_date, page.owner, page.state, page.open_gaps = day, owner, STATES[n % len(STATES)], 3
        if page.state == State.FILED:
            page.number, page.open_gaps = f"BEN-DA-2024-{n:06}", 0
        page.latest_revision_created_at = timezone.now()
        pages.append((folder, page))
    insert_pages(pages)
    _beside([page for _folder, page in pages], owner)


def _beside(pages: list[DossierPage], owner: User) -> None:
    """A paper for each, a return for the returned, and now and then a loan, a change and a request."""
    papers = DossierDocument.objects.bulk_create(
        DossierDocument(
            dossier=page, kind="contract", title=1, version=1, path=f"{page.slug}.enc", size=1, extension="pdf",
            added_by=owner, sealed_key=b"", sha256="",
        )
        for page in pages
    )  # fmt: skip
    DossierStep.objects.bulk_create(
        DossierStep(dossier=page, step=Step.RETURNED, gate="clear", by=owner)
        for page in pages
        if page.state == State.RETURNED
    )
    today = timezone.localdate()
    filed = [(page, paper) for page, paper in zip(pages, papers, strict=True) if page.state == State.FILED][::50]
    Loan.objects.bulk_create(
        Loan(dossier=page, medium="paper", purpose="示例", due_on=today, asked_by=owner) for page, _paper in filed
    )
    ChangeRequest.objects.bulk_create(
        ChangeRequest(
            dossier=page, number=1, channel="paper", received_on=today, form=paper, sealed_changes=b"", asked_by=owner
        )
        for page, paper in filed
    )
    PersonRequest.objects.bulk_create(
        PersonRequest(
            dossier=page, number=1, kind="access", channel="paper", received_on=today, due_on=today, taken_by=owner
        )
        for page, _paper in filed
    )


def pair_customers() -> None:
    """One customer in ten may be another one."""
    customers = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    pairs = zip(customers[::10], customers[1::10], strict=False)
    DuplicateProposal.objects.bulk_create(
        (DuplicateProposal(first_id=a, second_id=b, reasons=["phone"], score=a % 9) for a, b in pairs), batch_size=BATCH
    )
