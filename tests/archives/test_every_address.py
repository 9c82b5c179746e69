"""Every address of the site, asked about a dossier by people who have no business with it: nothing leaks or changes."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.base import File
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from archives.duplicates import propose_duplicates
from archives.evidence import Named
from archives.factories import make_dossier, make_filed
from archives.handover_samples import sample_row, sample_table
from archives.models import (
    ChangeRequest,
    DisposalList,
    DossierDocument,
    DossierPage,
    DuplicateProposal,
    Handover,
    Incident,
    Loan,
    PersonRequest,
    ProfileVersion,
)
from archives.register import Reader
from archives.services.changing import Wanted, ask_change
from archives.services.contacts import add_contact
from archives.services.documents import checked_file
from archives.services.handing_over import plan_handover
from archives.services.incidents import Report, open_incident
from archives.services.person_requests import Asked, take_request
from casebook.factories import make_draft, submit
from estates.factories import make_unit
from estates.models import User
from exchange.importing import start_batch
from exchange.models import ImportBatch
from media.factories import draw_sheets
from tests.archives.conftest import Archive
from tests.cms.test_every_url import Address, addresses, ask
from tests.conftest import World

PERSONAL = ("张三", "13800000001", "示例路1号", "示例文件.pdf")


@pytest.fixture
def filed(world: World, archive: Archive) -> DossierPage:
    submit(make_draft(world.editor, world.estate, world.company.design), world.editor)  # makes the workflow
    dossier = make_filed(world.editor, archive.archivist, world.unit)
    form = checked_file(File(BytesIO(draw_sheets("变更")), "f.pdf"), "f.pdf")
    today, named = timezone.localdate(), Named(phone="13800000001", unit="3-2-1201")
    wanted = Wanted("paper", today, {"mobile": "13800009999"}, named)
    ask_change(reader=Reader(world.editor), dossier=dossier, wanted=wanted, form=form)
    take_request(reader=Reader(world.editor), dossier=dossier, asked=Asked("copy", "paper", today, named))
    plan_handover(by=archive.sales, estate=world.estate, building=None, begins_on=today)
    make_dossier(world.editor, make_unit(world.estate, "2栋3单元1201"), "张三", 1)
    propose_duplicates()
    DisposalList.objects.create(estate=world.estate, made_by=archive.archivist)
    now = timezone.now()
    open_incident(by=archive.archivist, report=Report("账号被盗用", now - timedelta(1), now))
    start_batch(
        by=archive.sales,
        kind="handover",
        options={"estate": world.estate.pk},
        content=sample_table([sample_row(1), ["?", "张三", "13800000001", "示例市示例路1号", "", "", "", "", ""]]),
    )
    return dossier


LIFE = {
    "archive/changes/": ChangeRequest,
    "archive/requests/": PersonRequest,
    "archive/handovers/": Handover,
    "archive/duplicates/": DuplicateProposal,
    "archive/disposals/": DisposalList,
    "archive/incidents/": Incident,
    "imports/": ImportBatch,
}
"""Addresses that name a row by its id, and which."""


def about(dossier: DossierPage, world: World) -> list[Address]:
    """The site's addresses with everything that names a record naming the dossier."""
    case = make_draft(world.editor, world.estate, world.company.design, photos=1)
    document = dossier.documents.order_by("pk")[0]
    found = []
    for address in addresses(case):
        path = address.path.replace(f"/{case.pk}/", f"/{dossier.pk}/").replace(case.key, dossier.key)
        path = path.replace("casebook/casepage", "archives/dossierpage")
        if "documents/<int:pk>" in address.route:
            path = f"/archive/d/{dossier.key}/documents/{document.pk}/"
        for prefix, model in LIFE.items():
            if f"{prefix}<int:pk>" in address.route:
                path = f"/{address.route}".replace("<int:pk>", str(model._base_manager.get().pk))
        found.append(Address(address.route, path))
    return found


def test_no_address_tells_an_outsider_of_a_dossier(world: World, archive: Archive, filed: DossierPage) -> None:
    before = (list(DossierPage.objects.values()), ProfileVersion.objects.count(), DossierDocument.objects.count())
    askers: dict[str, User | None] = {
        "anonymous": None,
        "designer": world.designer,
        "other estate": world.other_editor,
    }
    told, broken = [], []
    for address in about(filed, world):
        for name, user in askers.items():
            for method in ("GET", "POST"):
                status, body = ask(user, method, address)
                secrets = [*PERSONAL, str(filed.number), filed.slug]
                if leaked := [secret for secret in secrets if secret in body and secret not in address.path]:
                    told.append(f"{method} {address.path} as {name}: {status} {leaked}")
                if status >= 500:
                    broken.append(f"{method} {address.path} as {name}: {status}")
    assert told == []
    assert broken == []
    after = (list(DossierPage.objects.values()), ProfileVersion.objects.count(), DossierDocument.objects.count())
    assert after == before
    assert Loan.objects.count() == 0


def test_nobody_meets_a_dossier_in_the_admin(world: World, filed: DossierPage) -> None:
    root = User.objects.create_superuser("root", "root@example.invalid", "anjuan-sample")
    for user in (world.editor, world.manager, root):
        client = Client()
        client.force_login(user)
        for path in ("edit", "history", "usage", "copy", "move", "delete", "view_draft"):
            assert client.get(f"/admin/pages/{filed.pk}/{path}/").status_code in (302, 404), (user, path)
        explorer = client.get(f"/admin/pages/{filed.get_parent().pk}/")
        assert filed.title not in explorer.content.decode()
        chooser = client.get("/admin/choose-page/search/", {"q": "云栖湾"})
        assert filed.title not in chooser.content.decode()


@pytest.mark.parametrize("path", ["", "enter/", "documents/{document}/"])
def test_pages_with_personal_data_are_kept_by_nobody(
    world: World, archive: Archive, filed: DossierPage, path: str
) -> None:
    client = Client()
    client.force_login(archive.archivist)
    document = filed.documents.order_by("pk")[0]
    answer = client.get(f"/archive/d/{filed.number}/{path.format(document=document.pk)}")
    if answer.status_code == 200:
        assert answer["Cache-Control"] == "private, no-store"
    assert answer.status_code in (200, 403)


def test_a_dossier_costs_the_same_queries_whatever_its_size(world: World, archive: Archive, filed: DossierPage) -> None:
    client = Client()
    client.force_login(archive.archivist)
    client.get(f"/archive/d/{filed.number}/")
    with CaptureQueriesContext(connection) as small:
        client.get(f"/archive/d/{filed.number}/")
    for _ in range(60):
        add_contact(reader=Reader(world.editor), dossier=filed, on=filed.record_date, channel="phone", text="示例谈话")
    first = filed.documents.order_by("pk")[0]
    for number in range(40):
        first.pk, first.title, first.path, first._state.adding = None, 10 + number, f"YLW/none-{number}.enc", True
        first.save()
    for number in range(20):
        make_draft(world.editor, world.estate, world.company.design, unit=world.unit, title=f"示例{number}")
    with CaptureQueriesContext(connection) as large:
        page = client.get(f"/archive/d/{filed.number}/")
    assert page.content.decode().count("购房合同") + page.content.decode().count("身份证明") > 40
    assert (len(large), len(large) <= 40) == (len(small), True)
