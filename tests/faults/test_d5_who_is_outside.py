"""Who may borrow, and whose loan the director must approve, is one rule: role by employer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from archives.factories import make_filed
from archives.models import DossierPage, Loan
from estates.factories import make_person
from estates.models import Assignment, User
from estates.roles import Role
from tests.archives.conftest import Archive, archive
from tests.conftest import World

__all__ = ["archive"]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def filed(world: World, archive: Archive) -> DossierPage:
    return make_filed(world.editor, archive.archivist, world.unit)


@pytest.fixture
def member(db: None) -> User:
    return make_person("member", Role.SUBSCRIBER)


def asked(by: User, dossier: DossierPage, borrower: User, medium: str = "electronic") -> Loan | None:
    contract = dossier.documents.get(kind="contract")
    given = {
        "medium": medium,
        "purpose": "核对条款",
        "due_on": (timezone.localdate() + timedelta(7)).isoformat(),
        "document": str(contract.pk),
        "borrower": borrower.username,
    }
    signed_in(by).post(reverse("archives:ask-loan", args=[dossier.key]), given)
    return Loan.objects.order_by("pk").last()


def decide(user: User, loan: Loan, action: str = "grant") -> str:
    signed_in(user).post(reverse("archives:loan", args=[loan.pk]), {"action": action})
    loan.refresh_from_db()
    return loan.state


def reads(user: User, dossier: DossierPage) -> tuple[int, int]:
    client = signed_in(User.objects.get(pk=user.pk))
    contract = dossier.documents.get(kind="contract")
    page = client.get(dossier.get_absolute_url())
    paper = client.get(reverse("archives:document", args=[dossier.key, contract.pk]))
    return page.status_code, paper.status_code


def test_d5_a_member_is_no_borrower(world: World, filed: DossierPage, member: User) -> None:
    assert asked(world.editor, filed, member) is None
    assert reads(member, filed) == (404, 404)


def test_d5_an_account_without_a_role_is_no_borrower(world: World, filed: DossierPage) -> None:
    nobody = User.objects.create_user("nobody")
    assert asked(world.editor, filed, nobody) is None


def test_d5_a_loan_to_the_property_company_waits_for_the_director(
    world: World, archive: Archive, filed: DossierPage
) -> None:
    guard = make_person("guard", Role.PROPERTY, department=world.company.property, estate=world.other_estate)
    loan = asked(world.editor, filed, guard)
    assert loan is not None
    assert decide(archive.archivist, loan) == "director"
    assert reads(guard, filed) == (404, 404)
    assert decide(archive.archivist, loan) == "director"
    assert decide(archive.director, loan) == "out"
    assert reads(guard, filed) == (200, 200)
    assert loan.director == archive.director


def test_d5_the_borrower_of_one_paper_does_not_read_the_timeline(
    world: World, archive: Archive, filed: DossierPage
) -> None:
    loan = asked(world.editor, filed, world.engineer)
    assert loan is not None
    assert decide(archive.archivist, loan) == "out"
    page = signed_in(world.engineer).get(filed.get_absolute_url()).content.decode()
    assert ('<ol class="timeline' in page, "记录客户确认" in page) == (False, False)
    assert "购房合同" in page


def test_d5_an_editor_employed_by_the_property_company_is_outside(
    world: World, archive: Archive, filed: DossierPage
) -> None:
    seconded = make_person("seconded", Role.EDITOR, department=world.company.property, estate=world.other_estate)
    loan = asked(world.editor, filed, seconded)
    assert loan is not None
    assert decide(archive.archivist, loan) == "director"


def test_d5_a_borrower_who_joins_the_property_company_reads_no_more(
    world: World, archive: Archive, filed: DossierPage
) -> None:
    loan = asked(world.editor, filed, world.engineer)
    assert loan is not None
    assert decide(archive.archivist, loan) == "out"
    assert reads(world.engineer, filed) == (200, 200)
    moved = {"role": Role.PROPERTY, "department": world.company.property, "estate": world.other_estate}
    Assignment.objects.filter(user=world.engineer).update(**moved)
    assert reads(world.engineer, filed) == (404, 404)
    Assignment.objects.filter(user=world.engineer).update(role=Role.SUBSCRIBER, department=None)
    assert reads(world.engineer, filed) == (404, 404)
    Assignment.objects.filter(user=world.engineer).delete()
    assert reads(world.engineer, filed) == (404, 404)


def test_d5_a_borrower_who_became_outside_before_the_decision_waits_for_the_director(
    world: World, archive: Archive, filed: DossierPage
) -> None:
    loan = asked(world.editor, filed, world.engineer)
    assert loan is not None
    Assignment.objects.filter(user=world.engineer).update(role=Role.PROPERTY)
    assert decide(archive.archivist, loan) == "director"
    Assignment.objects.filter(user=world.engineer).update(role=Role.SUBSCRIBER)
    assert decide(archive.director, loan) == "director"
    assert reads(world.engineer, filed) == (404, 404)


def test_d5_one_person_with_both_roles_does_not_approve_twice(
    world: World, archive: Archive, filed: DossierPage
) -> None:
    both = make_person("both", Role.ARCHIVIST, estate=world.estate)
    Assignment.objects.create(user=both, role=Role.DIRECTOR)
    guard = make_person("guard", Role.PROPERTY, department=world.company.property)
    loan = asked(world.editor, filed, guard)
    assert loan is not None
    assert decide(both, loan) == "director"
    assert decide(both, loan) == "director"
    assert decide(archive.director, loan) == "out"


def test_d5_a_paper_asked_by_the_property_company_for_itself_is_outside(
    world: World, archive: Archive, filed: DossierPage
) -> None:
    loan = asked(archive.property, filed, archive.property, "paper")
    assert loan is not None
    assert decide(archive.archivist, loan) == "director"


def test_d5_a_colleague_borrows_with_the_archivist_alone(world: World, archive: Archive, filed: DossierPage) -> None:
    loan = asked(world.editor, filed, archive.sales)
    assert loan is not None
    assert decide(archive.archivist, loan) == "out"
    assert reads(archive.sales, filed) == (200, 200)
