"""Review packs: what applies to a project, in what order, changed with reasons, handed over as it then stands."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from casebook.applicability import LessonFacts, NotApplicable, Profile, rank, why_not
from casebook.factories import make_draft, publish
from casebook.lesson_facts import lesson_facts
from casebook.models import CasePage, LeftOutCase, PackItem, Project, ReviewPack
from casebook.services.bulk import PublishedCase, file_published_cases
from casebook.services.errors import CaseError
from casebook.services.packing import add_case, build_pack, discard_pack, drop_item, hand_over, move_item, start_project
from casebook.services.publishing import withdraw_case
from casebook.vocabulary import Climate, Component, Library, PackState, ProductType, ReviewStage
from cms.sample_data import sample_cases, sample_fields
from estates.factories import make_person
from estates.models import User
from estates.roles import Role
from tests.conftest import World

LABELS = json.loads((Path(__file__).parent / "review_labels.json").read_text("utf-8"))["projects"]
HIGH_RISE = ["basement", "roof", "windows", "bathroom"]


@pytest.fixture
def project(world: World, head: User) -> Project:
    new = Project(
        estate=world.other_estate, name="一期", product_types=["high_rise"], climate="cold", components=HIGH_RISE
    )
    return start_project(by=head, project=new, demanding=[ReviewStage.DRAWINGS])


@pytest.fixture
def lesson(world: World) -> Callable[..., CasePage]:
    def made(title: str, **changes: object) -> CasePage:
        fields = {"title": title, "components": ["basement"]} | changes
        draft = make_draft(world.editor, world.estate, world.company.design, photos=1, **fields)  # type: ignore[arg-type]
        return publish(draft, by=world.editor, manager=world.manager, confirmer=world.designer)

    return made


def built(project: Project, by: User, *, cap: int = 40, library: Library = Library.DESIGN) -> ReviewPack:
    return build_pack(by=by, stage=project.stages.get(kind=ReviewStage.DRAWINGS), library=library, cap=cap)


def titles(pack: ReviewPack) -> list[str]:
    return [item.shown["title"] for item in pack.items.all()]


@pytest.mark.parametrize("labelled", LABELS, ids=[one["name"] for one in LABELS])
def test_the_first_ten_are_those_that_people_would_put_first(
    world: World, head: User, labelled: dict[str, list[str]]
) -> None:
    cases = [
        PublishedCase(world.estate, date(2026, 1, 5), sample_fields(row), f"sample-{n}")
        for n, row in enumerate(sample_cases())
    ]
    names = {case.pk: case.title for case in file_published_cases(cases, by=None)}
    library = Library(str(labelled["library"]))
    profile = Profile(
        stage=ReviewStage(str(labelled["stage"])),
        library=library,
        product_types=frozenset(labelled["product_types"]),
        climate=str(labelled["climate"]),
        components=frozenset(labelled["components"]),
    )
    ranked = [names[one.lesson.id] for one in rank(lesson_facts(head, library), profile)]
    assert len(set(ranked[:10]) & set(labelled["first"])) >= 8, ranked[:12]
    assert not set(ranked) & set(labelled["forbidden"])


codes = {kind: st.frozensets(st.sampled_from([one.value for one in kind])) for kind in (ProductType, Component)}
facts = st.builds(
    LessonFacts,
    id=st.integers(1, 10**6),
    libraries=st.frozensets(st.sampled_from([one.value for one in Library])),
    stages=st.frozensets(st.sampled_from([one.value for one in ReviewStage])),
    product_types=codes[ProductType],
    climates=st.frozensets(st.sampled_from([one.value for one in Climate])),
    components=codes[Component],
    category=st.sampled_from(["", "site", "building", "living", "workmanship"]),
    severity=st.sampled_from([None, 1, 2, 3, 4]),
    homes=st.one_of(st.none(), st.integers(0, 10**6)),
    recurred=st.integers(0, 20),
    photos=st.integers(0, 30),
)
profiles = st.builds(
    Profile,
    stage=st.sampled_from(ReviewStage),
    library=st.sampled_from(Library),
    product_types=codes[ProductType],
    climate=st.sampled_from([one.value for one in Climate]),
    components=codes[Component],
)


@given(st.lists(facts, max_size=30), profiles)
def test_what_is_outside_stage_library_or_building_never_enters(lessons: list[LessonFacts], profile: Profile) -> None:
    ranked = rank(lessons, profile)
    for one in ranked:
        assert profile.library in one.lesson.libraries
        assert profile.stage in one.lesson.stages
        assert not one.lesson.product_types or one.lesson.product_types & profile.product_types
        assert not one.lesson.climates or profile.climate in one.lesson.climates
        assert not one.lesson.components or one.lesson.components & profile.components
    assert len(ranked) == sum(why_not(lesson, profile) is None for lesson in lessons)
    assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)


def test_a_pack_holds_the_heaviest_and_lists_what_the_cap_leaves_out(
    project: Project, head: User, lesson: Callable[..., CasePage]
) -> None:
    lesson("轻微", severity=1)
    worst = lesson("重大", severity=4, homes_affected=120)
    lesson("一般", severity=2)
    lesson("幕墙的事", components=["curtain_wall"])
    lesson("南方的事", climates=["hot_summer_warm_winter"])
    lesson("给工程", to_design=False, to_quality=True)
    pack = built(project, head, cap=2)
    assert titles(pack) == ["重大", "一般"]
    assert [(row.case.title, row.rank, row.reason) for row in pack.left_out.all()] == [("轻微", 3, "")]
    item = pack.items.get(case=worst)
    assert item.version == worst.live_revision_id
    assert item.reasons == [
        ["severity", ["4"]],
        ["homes", ["120"]],
        ["component", ["basement"]],
        ["drawing", []],
        ["photos", ["1"]],
    ]


def test_a_case_that_says_nothing_of_its_part_is_placed_by_its_words(
    project: Project, head: User, lesson: Callable[..., CasePage]
) -> None:
    lesson("地暖不热", description="整个冬天地暖都是凉的。", components=[])
    lesson("地下车库返潮", description="入夏后地下车库地面返潮。", components=[])
    assert titles(built(project, head)) == ["地下车库返潮"]


def test_nothing_that_the_manager_may_not_see_enters(
    world: World, project: Project, head: User, lesson: Callable[..., CasePage]
) -> None:
    lesson("别的楼盘的案例")
    local = make_person("local", Role.MANAGER, department=world.company.service, estate=world.other_estate)
    assert titles(built(project, local)) == []
    with pytest.raises(CaseError, match="准备中"):
        built(project, head)


def test_a_person_drops_adds_and_moves_with_reasons_on_record(
    project: Project, head: User, lesson: Callable[..., CasePage]
) -> None:
    first, second, third = (lesson(title, severity=4 - n) for n, title in enumerate("甲乙丙"))
    pack = built(project, head, cap=2)
    with pytest.raises(CaseError, match="原因"):
        drop_item(by=head, item=pack.items.get(case=first), reason="  ")
    drop_item(by=head, item=pack.items.get(case=first), reason="本项目已有专项审查")
    add_case(by=head, pack=pack, case=third)
    move_item(by=head, item=pack.items.get(case=third), to=1)
    assert [(i.position, i.case_id) for i in pack.items.all()] == [(1, third.pk), (2, second.pk)]
    assert [(row.case_id, row.reason, row.dropped_by) for row in pack.left_out.all()] == [
        (first.pk, "本项目已有专项审查", head)
    ]
    with pytest.raises(CaseError, match="已经在"):
        add_case(by=head, pack=pack, case=second)
    hidden = lesson("给工程", to_design=False, to_quality=True)
    with pytest.raises(CaseError, match="不能列入"):
        add_case(by=head, pack=pack, case=hidden)


def test_handed_over_it_is_frozen_and_up_to_date(
    world: World, project: Project, head: User, lesson: Callable[..., CasePage]
) -> None:
    kept, gone = lesson("留下的"), lesson("撤回的")
    pack = built(project, head)
    withdraw_case(case=gone, by=world.manager, reason="有误")
    hand_over(by=head, pack=pack)
    pack.refresh_from_db()
    assert (pack.state, titles(pack)) == (PackState.HANDED_OVER, ["留下的"])
    assert pack.left_out.get().reason == "案例已撤回"
    withdraw_case(case=kept, by=world.manager, reason="有误")
    assert titles(pack) == ["留下的"]
    with pytest.raises(CaseError, match="已经交出"):
        drop_item(by=head, item=pack.items.get(), reason="不要了")
    with pytest.raises(CaseError, match="已经交出"):
        hand_over(by=head, pack=pack)
    assert PackItem.objects.count() == 1


def test_a_pack_that_nobody_was_handed_is_taken_back(
    project: Project, head: User, lesson: Callable[..., CasePage]
) -> None:
    lesson("甲")
    discard_pack(by=head, pack=built(project, head))
    pack = built(project, head)
    hand_over(by=head, pack=pack)
    with pytest.raises(CaseError, match="已经交出"):
        discard_pack(by=head, pack=pack)
    assert list(ReviewPack.objects.all()) == [pack]


def test_an_empty_pack_is_not_handed_over(project: Project, head: User) -> None:
    pack = built(project, head)
    with pytest.raises(CaseError, match="空的"):
        hand_over(by=head, pack=pack)
    pack.refresh_from_db()
    assert pack.state == PackState.PREPARED


def test_only_the_audience_reads_a_pack_and_only_after_it_is_handed_over(
    world: World, project: Project, head: User, lesson: Callable[..., CasePage]
) -> None:
    lesson("甲")
    pack = built(project, head)
    local = make_person("local-designer", Role.DESIGN, department=world.company.design, estate=world.other_estate)

    def reads(user: User) -> tuple[int, int]:
        return ReviewPack.objects.visible_to(user).count(), PackItem.objects.visible_to(user).count()

    assert (reads(head), reads(world.designer), reads(world.engineer)) == ((1, 1), (0, 0), (0, 0))
    hand_over(by=head, pack=pack)
    assert (reads(head), reads(world.designer), reads(world.engineer)) == ((1, 1), (1, 1), (0, 0))
    assert reads(local) == (1, 0)
    assert reads(world.manager) == (0, 0)


def test_others_change_nothing(world: World, project: Project, head: User, lesson: Callable[..., CasePage]) -> None:
    lesson("甲")
    pack = built(project, head)
    item = pack.items.get()
    for user in (world.designer, world.editor, world.manager):
        for act in (
            lambda user=user: drop_item(by=user, item=item, reason="不要"),
            lambda user=user: move_item(by=user, item=item, to=1),
            lambda user=user: hand_over(by=user, pack=pack),
            lambda user=user: built(project, user, library=Library.QUALITY),
        ):
            with pytest.raises(PermissionDenied):
                act()
    assert (PackItem.objects.count(), LeftOutCase.objects.count(), ReviewPack.objects.count()) == (1, 0, 1)


def test_a_project_is_started_once_with_all_its_stages(world: World, project: Project, head: User) -> None:
    assert [(s.kind, s.demands_review) for s in project.stages.all()] == [
        (kind, kind == ReviewStage.DRAWINGS) for kind in ReviewStage
    ]
    again = Project(estate=project.estate, name=project.name, climate="cold")
    with pytest.raises(ValidationError, match="同名"):
        start_project(by=head, project=again, demanding=[])
    with pytest.raises(PermissionDenied):
        start_project(
            by=world.manager, project=Project(estate=project.estate, name="二期", climate="cold"), demanding=[]
        )
    assert Project.objects.count() == 1


def test_why_not_names_the_first_condition() -> None:
    profile = Profile(ReviewStage.DRAWINGS, Library.DESIGN, frozenset({"villa"}), "cold", frozenset({"roof"}))
    base = {"id": 1, "category": "", "severity": None, "homes": None, "recurred": 0, "photos": 0}
    base |= dict.fromkeys(("has_cause", "has_lesson", "has_requirement", "cause_is_drawing"), False)
    sets = {
        "libraries": {"to_design"},
        "stages": {"drawings"},
        "product_types": set(),
        "climates": set(),
        "components": set(),
    }

    def refused(**changes: set[str]) -> NotApplicable | None:
        return why_not(LessonFacts(**base, **{k: frozenset(v) for k, v in (sets | changes).items()}), profile)  # type: ignore[arg-type]

    assert refused() is None
    assert refused(libraries={"to_quality"}) is NotApplicable.LIBRARY
    assert refused(stages={"handover"}) is NotApplicable.STAGE
    assert refused(product_types={"high_rise"}) is NotApplicable.PRODUCT_TYPE
    assert refused(climates={"mild"}) is NotApplicable.CLIMATE
    assert refused(components={"lift"}) is NotApplicable.COMPONENT


def test_the_manager_starts_a_project_and_prepares_a_pack_in_the_workbench(
    world: World, head: User, lesson: Callable[..., CasePage], client: Client
) -> None:
    case, other = lesson("地库渗漏"), lesson("卫生间渗漏", components=["bathroom"])
    client.force_login(head)
    typed = {"estate": world.other_estate.pk, "name": "一期", "climate": "cold", "product_types": "high_rise"}
    refused = client.post("/projects/new/", typed)
    assert refused.status_code == 422
    assert "请选择项目包含的部位" in refused.content.decode()
    assert not Project.objects.exists()
    made = client.post("/projects/new/", typed | {"components": ["basement"], "demanding": ["drawings"]}, follow=True)
    project = Project.objects.get()
    assert made.redirect_chain == [(project.get_absolute_url(), 302)]
    stage = project.stages.get(kind="drawings")
    client.post(f"/projects/{project.pk}/packs/", {"stage": stage.pk, "library": "to_design", "cap": "40"})
    pack = ReviewPack.objects.get()
    page = client.get(pack.get_absolute_url()).content.decode()
    assert "地库渗漏" in page
    assert "地下室与车库" in page
    client.post(pack.get_absolute_url(), {"action": "add", "number": str(other.number).lower()})
    unknown = client.post(pack.get_absolute_url(), {"action": "add", "number": "<b>"}, follow=True).content.decode()
    assert "没有找到编号“&lt;B&gt;”的案例" in unknown
    item = pack.items.get(case=other)
    client.post(pack.get_absolute_url(), {"action": "up", "item": item.pk})
    assert [i.case_id for i in pack.items.all()] == [other.pk, case.pk]
    client.post(pack.get_absolute_url(), {"action": "drop", "item": item.pk, "reason": "另有专项"})
    client.post(pack.get_absolute_url(), {"action": "hand_over"})
    assert titles(pack) == ["地库渗漏"]
    client.force_login(world.designer)
    assert "地库渗漏" in client.get(pack.get_absolute_url()).content.decode()
    assert pack.get_absolute_url() in client.get("/work/").content.decode()
    assert client.post(pack.get_absolute_url(), {"action": "discard"}).status_code == 403
    client.force_login(world.engineer)
    assert client.get(pack.get_absolute_url()).status_code == 404
    assert "地库渗漏" not in client.get("/projects/").content.decode()


def test_a_bad_cap_or_action_changes_nothing(
    project: Project, head: User, lesson: Callable[..., CasePage], client: Client
) -> None:
    lesson("甲")
    client.force_login(head)
    stage = project.stages.get(kind=ReviewStage.DRAWINGS)
    for cap in ("0", "201", "很多", ""):
        client.post(f"/projects/{project.pk}/packs/", {"stage": stage.pk, "library": "to_design", "cap": cap})
    assert not ReviewPack.objects.exists()
    pack = built(project, head)
    for action, item in (("drop", "0"), ("drop", "x"), ("fly", ""), ("", "")):
        assert client.post(pack.get_absolute_url(), {"action": action, "item": item}).status_code == 404
    assert pack.items.count() == 1


def test_a_reader_is_not_told_how_many_unreadable_cases_were_left_out(
    world: World, project: Project, head: User, client: Client
) -> None:
    places = [(world.other_estate, 4), (world.other_estate, 2), (world.estate, 1), (world.estate, 1)]
    fields = {"description": "渗漏", "components": ["basement"], "to_design": True}
    file_published_cases(
        [
            PublishedCase(estate, date(2026, 1, 5), fields | {"title": f"渗漏{n}", "severity": severity}, f"left-{n}")
            for n, (estate, severity) in enumerate(places)
        ],
        by=None,
    )
    pack = built(project, head, cap=1)
    hand_over(by=head, pack=pack)
    local = make_person("local-designer", Role.DESIGN, department=world.company.design, estate=world.other_estate)
    for user, told in ((head, "未列入的 3 份"), (local, "未列入的 1 份")):
        client.force_login(user)
        assert told in client.get(pack.get_absolute_url()).content.decode()


def test_a_project_is_changed_and_what_was_handed_over_stays(
    world: World, project: Project, head: User, lesson: Callable[..., CasePage], client: Client
) -> None:
    lesson("甲")
    pack = hand_over(by=head, pack=built(project, head))
    client.force_login(head)
    typed = {
        "name": "一期（高层）",
        "climate": "mild",
        "product_types": "villa",
        "components": "roof",
        "demanding": "handover",
    }
    assert client.get(f"/projects/{project.pk}/edit/").status_code == 200
    client.post(f"/projects/{project.pk}/edit/", {**typed, "climate": ""})
    project.refresh_from_db()
    assert project.climate == "cold"
    client.post(f"/projects/{project.pk}/edit/", typed)
    project.refresh_from_db()
    assert (project.name, project.components, project.estate) == ("一期（高层）", ["roof"], world.other_estate)
    assert [stage.kind for stage in project.stages.filter(demands_review=True)] == ["handover"]
    assert titles(pack) == ["甲"]
    client.force_login(world.designer)
    assert client.post(f"/projects/{project.pk}/edit/", typed).status_code == 403
