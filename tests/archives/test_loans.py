"""Nothing leaves the archive without a line, a purpose, a second person; what is late is asked for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from archives.factories import make_filed
from archives.models import DossierPage, Loan
from archives.register import Reader
from archives.services.errors import DossierError
from archives.services.lending import Wish, ask_loan, check_paper, decide_loan, return_items
from archives.stock_take import Where, papers_of
from estates.models import User
from tests.archives.conftest import Archive
from tests.conftest import World
from vault.models import AccessEntry

TODAY = timezone.localdate


@pytest.fixture
def filed(world: World, archive: Archive) -> DossierPage:
    return make_filed(world.editor, archive.archivist, world.unit, shelf_mark="A-1-01")


def wish(dossier: DossierPage, borrower: User | None, *, medium: str = "paper", count: int = 2, **more: object) -> Wish:
    documents = [row.pk for row in dossier.documents.order_by("pk")[:count]]
    given = {"purpose": "核对合同条款", "due_on": TODAY() + timedelta(7), "outside": "", **more}
    return Wish(medium=medium, documents=documents, borrower=borrower, **given)  # type: ignore[arg-type]


def lent(world: World, archive: Archive, dossier: DossierPage, **more: object) -> Loan:
    loan = ask_loan(reader=Reader(world.editor), dossier=dossier, wish=wish(dossier, archive.sales, **more))  # type: ignore[arg-type]
    return decide_loan(reader=Reader(archive.archivist), loan=loan, grant=True)


def test_a_loan_goes_out_comes_back_in_parts_and_ends(world: World, archive: Archive, filed: DossierPage) -> None:
    loan = lent(world, archive, filed)
    assert loan.state == "out"
    first, second = loan.items.order_by("pk")
    archivist = Reader(archive.archivist)
    assert return_items(reader=archivist, loan=loan, items=[first.pk]).state == "partly"
    with pytest.raises(DossierError, match="选择还回来的文件"):
        return_items(reader=archivist, loan=loan, items=[first.pk])
    done = return_items(reader=archivist, loan=loan, items=[second.pk])
    assert (done.state, done.back_at is not None) == ("back", True)
    lines = AccessEntry.objects.filter(act__in=["lent", "returned"]).order_by("sequence")
    assert [(line.act, line.count, line.purpose, line.record) for line in lines] == [
        ("lent", 2, "核对合同条款", filed.number),
        ("returned", 1, "核对合同条款", filed.number),
        ("returned", 1, "核对合同条款", filed.number),
    ]


def test_what_is_out_is_not_lent_again(world: World, archive: Archive, filed: DossierPage) -> None:
    lent(world, archive, filed)
    with pytest.raises(DossierError, match="已借出"):
        ask_loan(reader=Reader(world.manager), dossier=filed, wish=wish(filed, world.manager))
    assert Loan.objects.count() == 1


def test_nobody_approves_his_own(world: World, archive: Archive, filed: DossierPage) -> None:
    own = ask_loan(reader=Reader(archive.archivist), dossier=filed, wish=wish(filed, archive.archivist))
    with pytest.raises(DossierError, match="不能批准自己"):
        decide_loan(reader=Reader(archive.archivist), loan=own, grant=True)
    with pytest.raises(PermissionDenied):
        decide_loan(reader=Reader(world.editor), loan=own, grant=True)
    assert Loan.objects.get().state == "asked"
    assert decide_loan(reader=Reader(archive.second_archivist), loan=own, grant=True).state == "out"


def test_outside_nothing_goes_without_the_director(world: World, archive: Archive, filed: DossierPage) -> None:
    with pytest.raises(DossierError, match="写明单位和经手人"):
        ask_loan(reader=Reader(world.editor), dossier=filed, wish=wish(filed, None))
    loan = ask_loan(reader=Reader(world.editor), dossier=filed, wish=wish(filed, None, outside="示例律所 王五"))
    assert "王五".encode() not in bytes(loan.sealed_note)
    assert loan.note(filed.customer.subject) == "示例律所 王五"
    shown = {}
    for user in (archive.archivist, archive.auditor, world.editor):
        client = Client()
        client.force_login(user)
        shown[user.username] = "示例律所 王五" in client.get("/archive/loans/").content.decode()
    assert shown == {"archivist": True, "auditor": False, "editor": False}
    assert AccessEntry.objects.filter(act="viewed", who=archive.archivist, record=filed.number).count() == 1
    loan = decide_loan(reader=Reader(archive.archivist), loan=loan, grant=True)
    assert (loan.state, loan.out_at) == ("director", None)
    with pytest.raises(PermissionDenied):
        decide_loan(reader=Reader(archive.second_archivist), loan=loan, grant=True)
    assert AccessEntry.objects.filter(act="lent").count() == 0
    loan = decide_loan(reader=Reader(archive.director), loan=loan, grant=True)
    assert (loan.state, loan.director) == ("out", archive.director)


def test_the_director_may_refuse(world: World, archive: Archive, filed: DossierPage) -> None:
    loan = ask_loan(reader=Reader(world.editor), dossier=filed, wish=wish(filed, None, outside="示例律所"))
    decide_loan(reader=Reader(archive.archivist), loan=loan, grant=True)
    assert decide_loan(reader=Reader(archive.director), loan=loan, grant=False).state == "refused"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"purpose": ""}, "写明目的"),
        ({"purpose": "张三要看"}, "不要写姓名"),
        ({"due_on": TODAY() - timedelta(1)}, "应还日期"),
        ({"due_on": TODAY() + timedelta(400)}, "应还日期"),
        ({"count": 0}, "选择要借的文件"),
        ({"medium": "stone"}, "纸质还是电子"),
    ],
)
def test_a_wish_that_cannot_be_met_says_why(
    world: World, archive: Archive, filed: DossierPage, more: dict[str, object], message: str
) -> None:
    with pytest.raises(DossierError, match=message):
        ask_loan(reader=Reader(world.editor), dossier=filed, wish=wish(filed, archive.sales, **more))  # type: ignore[arg-type]
    assert Loan.objects.count() == 0


def test_an_electronic_loan_opens_what_was_lent_until_it_is_due(
    world: World, archive: Archive, filed: DossierPage
) -> None:
    document, other = filed.documents.order_by("pk")[:2]
    client = Client()
    client.force_login(world.designer)
    path = f"/archive/d/{filed.number}/documents/{document.pk}/"
    assert client.get(path).status_code == 404
    loan = ask_loan(
        reader=Reader(world.editor), dossier=filed, wish=wish(filed, world.designer, medium="electronic", count=1)
    )
    decide_loan(reader=Reader(archive.archivist), loan=loan, grant=True)
    assert client.get(path).status_code == 200
    assert client.get(f"/archive/d/{filed.number}/documents/{other.pk}/").status_code == 403
    page = client.get(f"/archive/d/{filed.number}/").content.decode()
    assert "张三" not in page
    Loan.objects.update(due_on=TODAY() - timedelta(1))
    assert client.get(path).status_code == 404


def test_what_is_late_is_asked_for_once_a_rung(world: World, archive: Archive, filed: DossierPage) -> None:
    lent(world, archive, filed)
    steps = []
    for days in (0, 1, 3, 7, 14, 20):
        mail.outbox.clear()
        Loan.objects.update(due_on=TODAY() - timedelta(days))
        call_command("remind_loans")
        steps.append(sorted(message.to[0].split("@")[0] for message in mail.outbox))
    archivists = ["archivist", "archivist2"]
    assert steps == [
        [],
        ["sales"],
        [],
        [*archivists, "sales"],
        [*archivists, "director", "manager", "sales"],
        [],
    ]
    mail.outbox.clear()
    Loan.objects.update(reminded=0)
    call_command("remind_loans")
    assert all(str(filed.number) in message.subject and "张三" not in message.body for message in mail.outbox)


def test_the_stock_take_tells_where_every_paper_is(world: World, archive: Archive, filed: DossierPage) -> None:
    first, second, third = filed.documents.order_by("pk")
    loan = ask_loan(reader=Reader(world.editor), dossier=filed, wish=wish(filed, archive.sales, count=1))
    decide_loan(reader=Reader(archive.archivist), loan=loan, grant=True)
    check_paper(reader=Reader(archive.archivist), document=second, is_found=True)
    check_paper(reader=Reader(archive.archivist), document=third, is_found=True)
    check_paper(reader=Reader(archive.archivist), document=third, is_found=False)
    with pytest.raises(PermissionDenied):
        check_paper(reader=Reader(world.editor), document=second, is_found=False)
    where = {paper.document.pk: paper.where for paper in papers_of(DossierPage.objects.all())}
    assert where == {first.pk: Where.OUT, second.pk: Where.IN_PLACE, third.pk: Where.MISSING}
    client = Client()
    client.force_login(archive.archivist)
    page = client.get("/archive/papers/").content.decode()
    assert "A-1-01" in page
    assert [paper.where for paper in client.get("/archive/papers/", {"where": "missing"}).context["papers"]] == [
        "missing"
    ]
    sheet = client.post("/archive/papers/export/", {"estate": "YLW"})
    assert sheet.status_code == 200
    assert AccessEntry.objects.filter(act="exported", record=filed.number).count() == 1
