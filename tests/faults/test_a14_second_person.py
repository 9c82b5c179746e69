"""A case is published by at least two people: who wrote the version is not the only one who confirms it."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client

from casebook.factories import decide, make_draft, submit
from casebook.models import CasePage, CaseReview
from casebook.services.deciding import confirm_case, object_to_case
from casebook.services.errors import CaseError, NotComplete
from casebook.services.filing import CaseContent, save_case
from casebook.vocabulary import State
from estates.factories import make_person
from estates.models import Department, User
from estates.roles import DepartmentKind, Role
from tests.conftest import World


@pytest.fixture
def other(world: World) -> User:
    return make_person("manager-2", Role.MANAGER, department=world.company.service, estate=world.estate, name="示例乙")


def open_review(case: CasePage) -> CaseReview:
    return case.reviews.open().get()


def waits_for(user: User) -> list[CaseReview]:
    return list(CaseReview.reviews.to_decide(user))


def test_a14_one_manager_alone_does_not_publish(world: World, other: User) -> None:
    case = submit(make_draft(world.manager, world.estate, world.company.service), world.manager)
    decide(case, world.manager)  # the department's step is still to come, and another confirms it
    review = open_review(case)
    assert (waits_for(world.manager), waits_for(other)) == ([], [review])
    with pytest.raises(CaseError, match="示例乙"):
        confirm_case(review=review, by=world.manager)
    case.refresh_from_db()
    assert (case.live, case.state) == (False, State.IN_REVIEW)
    assert decide(case, other).live


def test_a14_after_another_looked_at_the_version_its_author_may_confirm(world: World, other: User) -> None:
    case = submit(make_draft(world.manager, world.estate, world.company.service), world.manager)
    decide(case, other)
    assert waits_for(world.manager) == [open_review(case)]
    assert decide(case, world.manager).live


def test_a14_where_only_the_author_speaks_for_the_department_another_manager_looks_first(
    world: World, other: User
) -> None:
    design = Department.objects.create(name="示例设计二部", kind=DepartmentKind.DESIGN)
    both = make_person("both", Role.MANAGER, department=world.company.service, estate=world.estate)
    make_person("both", Role.DESIGN, department=design)
    both = User.objects.get(pk=both.pk)
    case = submit(make_draft(both, world.estate, design), both)
    assert (waits_for(both), waits_for(other)) == ([], [open_review(case)])
    with pytest.raises(CaseError, match="示例乙"):
        confirm_case(review=open_review(case), by=both)
    decide(case, other)
    assert decide(case, both).live


def test_a14_a_manager_may_pass_his_own_case_on_to_another_department(world: World) -> None:
    case = submit(make_draft(world.manager, world.estate, world.company.design), world.manager)
    assert waits_for(world.manager) == [open_review(case)]
    decide(case, world.manager)
    assert waits_for(world.designer) == [open_review(case)]
    assert decide(case, world.designer).live


def test_a14_who_holds_both_steps_confirms_none_alone(world: World) -> None:
    both = make_person("both", Role.MANAGER, department=world.company.service, estate=world.estate)
    make_person("both", Role.DESIGN, department=world.company.design)
    both = User.objects.get(pk=both.pk)
    case = submit(make_draft(both, world.estate, world.company.design), both)
    decide(case, both)
    review = open_review(case)
    assert (waits_for(both), waits_for(world.designer)) == ([], [review])
    with pytest.raises(CaseError, match="示例designer"):
        confirm_case(review=review, by=both)
    case.refresh_from_db()
    assert (case.live, case.state) == (False, State.IN_REVIEW)
    assert decide(case, world.designer).live


def test_a14_one_who_wrote_nothing_may_confirm_both_steps(world: World) -> None:
    case = submit(make_draft(world.editor, world.estate, world.company.service), world.editor)
    decide(case, world.manager)
    assert decide(case, world.manager).live


def test_a14_an_edit_of_somebody_elses_draft_makes_an_author(world: World, other: User) -> None:
    draft = make_draft(world.editor, world.estate, world.company.service)
    save_case(case=draft, by=world.manager, content=CaseContent({"lesson": "经理改写的经验"}))
    case = submit(draft, world.editor)
    decide(case, world.manager)
    assert (waits_for(world.manager), waits_for(other)) == ([], [open_review(case)])


def test_a14_a_confirmation_of_an_earlier_version_does_not_count(world: World, other: User) -> None:
    case = submit(make_draft(world.manager, world.estate, world.company.service), world.manager)
    decide(case, other)
    object_to_case(review=open_review(case), by=other, reason="原因不完整")
    save_case(case=case, by=world.manager, content=CaseContent({"cause": "后来改写的原因"}))
    again = submit(CasePage.objects.get(pk=case.pk), world.manager)
    assert waits_for(world.manager) == []
    with pytest.raises(CaseError):
        confirm_case(review=open_review(again), by=world.manager)
    assert decide(again, other).live


def test_a14_after_the_departments_only_member_corrected_it_the_manager_looks_again(world: World) -> None:
    design = Department.objects.create(name="示例设计二部", kind=DepartmentKind.DESIGN)
    alone = make_person("alone", Role.EDITOR, department=world.company.service, estate=world.estate)
    make_person("alone", Role.DESIGN, department=design)
    alone = User.objects.get(pk=alone.pk)
    case = submit(make_draft(world.editor, world.estate, design), world.editor)
    decide(case, world.manager)
    object_to_case(review=open_review(case), by=alone, reason="原因不完整")
    save_case(case=case, by=alone, content=CaseContent({"cause": "后来改写的原因"}))
    again = submit(CasePage.objects.get(pk=case.pk), alone)
    review = open_review(again)
    assert (again.number, again.state, review.department) == (case.number, State.IN_REVIEW, None)
    assert (waits_for(alone), waits_for(world.manager)) == ([], [review])
    with pytest.raises(PermissionDenied):
        confirm_case(review=review, by=alone)
    assert (open_review(again).pk, CasePage.objects.get(pk=case.pk).live) == (review.pk, False)
    decide(again, world.manager)
    assert waits_for(alone) == [open_review(again)]
    published = decide(again, alone)
    assert (published.live, published.number, published.state) == (True, case.number, State.PUBLISHED)
    assert published.cause == "后来改写的原因"
    confirmed = case.reviews.filter(status="approved").order_by("pk")
    assert list(confirmed.values_list("finished_by__username", "department")) == [
        ("manager", None),
        ("manager", None),
        ("alone", design.pk),
    ]


def test_a14_where_another_member_can_confirm_it_comes_back_to_the_department(world: World) -> None:
    case = submit(make_draft(world.editor, world.estate, world.company.design), world.editor)
    decide(case, world.manager)
    object_to_case(review=open_review(case), by=world.designer, reason="原因不完整")
    again = submit(CasePage.objects.get(pk=case.pk), world.editor)
    assert open_review(again).department == world.company.design
    assert waits_for(world.designer) == [open_review(again)]
    assert again.reviews.filter(status="approved").count() == 1
    assert decide(again, world.designer).live


def test_a14_the_next_version_has_authors_of_its_own(world: World, other: User) -> None:
    case = submit(make_draft(world.manager, world.estate, world.company.service), world.manager)
    decide(case, other)
    published = decide(case, other)
    save_case(case=published, by=other, content=CaseContent({"lesson": "第二版的经验"}))
    again = submit(CasePage.objects.get(pk=case.pk), other)
    decide(again, other)
    assert (waits_for(other), waits_for(world.manager)) == ([], [open_review(again)])


def test_a14_without_a_second_person_it_is_not_submitted(world: World) -> None:
    draft = make_draft(world.manager, world.estate, world.company.service)
    with pytest.raises(NotComplete, match="另一个人"):
        submit(draft, world.manager)
    assert CasePage.objects.get(pk=draft.pk).number is None
    assert CaseReview.reviews.count() == 0


def test_a14_a_superuser_is_no_second_person_to_himself(world: World, other: User) -> None:
    root = User.objects.create_superuser("root", "root@example.invalid", "x")
    make_person("root", Role.DESIGN, department=world.company.design)
    root = User.objects.get(pk=root.pk)
    case = submit(make_draft(root, world.estate, world.company.design), root)
    decide(case, root)
    assert waits_for(root) == []
    with pytest.raises(CaseError):
        confirm_case(review=open_review(case), by=root)


def test_a14_a_stranger_is_refused_as_before(world: World) -> None:
    case = submit(make_draft(world.manager, world.estate, world.company.design), world.manager)
    with pytest.raises(PermissionDenied):
        confirm_case(review=open_review(case), by=world.engineer)


def test_a14_the_page_says_who_else_can_confirm(world: World, other: User) -> None:
    case = submit(make_draft(world.manager, world.estate, world.company.service), world.manager)
    decide(case, world.manager)
    client = Client()
    client.force_login(world.manager)
    page = client.get(case.get_absolute_url())
    text = page.content.decode()
    assert 'id="decide"' not in text
    assert "这一版是您填写或修改的，要由另一个人确认" in text
    assert "示例乙" in text
    answer = client.post(f"{case.get_absolute_url()}decide/", {"review": open_review(case).pk}, follow=True)
    assert answer.status_code == 200
    assert "示例乙" in answer.content.decode()
    case.refresh_from_db()
    assert case.state == State.IN_REVIEW


def test_a14_mail_and_my_work_go_to_those_who_may(
    world: World, other: User, django_capture_on_commit_callbacks: object
) -> None:
    case = submit(make_draft(world.manager, world.estate, world.company.service), world.manager)
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        decide(case, world.manager)
    assert [m.to for m in mail.outbox] == [["manager-2@example.invalid"]]
    client = Client()
    client.force_login(world.manager)
    assert list(client.get("/work/").context["to_decide"]) == []
    client.force_login(other)
    assert len(client.get("/work/").context["to_decide"]) == 1
