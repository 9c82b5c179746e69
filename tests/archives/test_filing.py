"""From an empty dossier through four gates to the file."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from archives.factories import (
    attach,
    complete,
    enter,
    look_through,
    make_dossier,
    make_filed,
    open_dossier,
    sample_identity,
    sample_profile,
)
from archives.gates import find_gaps
from archives.models import DossierPage, DossierStep, GateOverride, Tenure
from archives.profiles import latest_profile
from archives.register import Reader
from archives.services.entering import save_profile
from archives.services.errors import DossierError, NotReady, StaleDossier, UnitTaken
from archives.services.overriding import ask_override, decide_override
from archives.services.reviewing import (
    confirm_by_customer,
    file_dossier,
    return_dossier,
    submit_dossier,
    verify_dossier,
)
from archives.services.starting import void_dossier
from archives.template import items_for, template_in_force
from archives.vocabulary import Gate, State, Step
from estates.factories import make_person, make_unit
from estates.models import NumberEntry
from estates.roles import Role
from tests.archives.conftest import Archive
from tests.conftest import World
from vault.models import AccessEntry

TODAY = timezone.localdate


def told(dossier: DossierPage) -> list[tuple[str, str]]:
    return [(gap.gate, gap.what) for gap in find_gaps(dossier)]


def fresh(dossier: DossierPage) -> DossierPage:
    return DossierPage.objects.get(pk=dossier.pk)


def test_the_template_has_the_42_items_in_six_sections_besides_identity_and_need(world: World) -> None:
    items = items_for(template_in_force(), world.estate)
    sections = list(dict.fromkeys(item.section for item in items))
    assert sections == [
        "身份",
        "基本信息",
        "家庭信息",
        "个人生活与安全",
        "房产",
        "社会尊重",
        "自我价值",
        "需求",
        "产权",
    ]
    counted = [sum(item.section == section for item in items) for section in sections]
    assert counted == [2, 8, 8, 9, 7, 6, 4, 1, 1]
    assert len(next(item for item in items if item.code == "ideal_home").choices) == 7


def test_an_empty_dossier_names_what_each_gate_misses(world: World, archive: Archive) -> None:
    dossier = open_dossier(world.editor, world.unit)
    assert told(dossier) == [
        ("clear", "姓名或企业名称还没有填写"),
        ("clear", "证件号码还没有填写"),
        ("clear", "通信地址还没有填写"),
        ("clear", "手机还没有填写"),
        ("complete", "缺少购房合同"),
        ("complete", "缺少身份证明"),
        ("complete", "缺少个人信息授权书"),
        ("confirmed", "还没有客户确认的记录"),
        ("entered", "档案管理员还没有核对现在的内容"),
    ]
    assert fresh(dossier).open_gaps == 9
    assert {gap.duty for gap in find_gaps(dossier)} == {"录入人", "客户", "档案管理员"}


def test_a_complete_dossier_is_submitted_verified_and_filed_with_a_number(world: World, archive: Archive) -> None:
    filed = make_filed(world.editor, archive.archivist, world.unit)
    year = filed.record_date.year
    assert (filed.state, filed.number) == (State.FILED, f"YLW-DA-{year}-00001")
    assert filed.template == template_in_force()
    assert (filed.filed_by, filed.verified_by, filed.open_gaps) == (archive.archivist, archive.archivist, 0)
    month = filed.get_parent()
    assert (month.title, month.get_parent().slug) == (f"{filed.record_date:%Y-%m}", "ylw")
    steps = list(filed.steps.order_by("pk").values_list("step", flat=True))
    assert steps == [
        "started",
        "entered",
        "document",
        "document",
        "document",
        "confirmed",
        "submitted",
        "verified",
        "filed",
    ]
    again = make_filed(world.editor, archive.archivist, make_unit(world.estate, "3栋2单元1202"), "李四", 2)
    assert again.number == f"YLW-DA-{year}-00002"


def test_a_gap_keeps_it_from_the_file_and_nothing_changes(world: World, archive: Archive) -> None:
    dossier = complete(world.editor, make_dossier(world.editor, world.unit))
    submit_dossier(reader=Reader(world.editor), dossier=dossier)
    with pytest.raises(NotReady) as refused:
        file_dossier(reader=Reader(archive.archivist), dossier=dossier)
    assert [gap.gate for gap in refused.value.gaps] == [Gate.ENTERED]
    assert (fresh(dossier).state, fresh(dossier).number) == (State.SUBMITTED, None)
    assert NumberEntry.objects.count() == 0


def test_whoever_entered_it_does_not_verify_or_file_it(world: World, archive: Archive) -> None:
    both = make_person("both", Role.EDITOR, estate=world.estate)
    make_person("both", Role.ARCHIVIST, estate=world.estate)
    dossier = complete(both, make_dossier(both, world.unit))
    submit_dossier(reader=Reader(both), dossier=dossier)
    for act in (verify_dossier, file_dossier):
        with pytest.raises(DossierError, match="您录入过这份档案"):
            act(reader=Reader(both), dossier=dossier)
    with pytest.raises(PermissionDenied):
        verify_dossier(reader=Reader(world.editor), dossier=dossier)
    assert fresh(dossier).verified_profile == 0


def test_a_change_after_the_customers_word_asks_for_it_again(world: World, archive: Archive) -> None:
    dossier = complete(world.editor, make_dossier(world.editor, world.unit))
    save_profile(reader=Reader(world.editor), dossier=dossier, values={"mobile": "13900000002"})
    assert told(fresh(dossier))[0] == ("confirmed", "客户确认之后资料又改过，需要再确认一次")


def test_an_archivist_returns_it_at_a_gate_with_a_reason_and_it_comes_back(world: World, archive: Archive) -> None:
    dossier = complete(world.editor, make_dossier(world.editor, world.unit))
    submit_dossier(reader=Reader(world.editor), dossier=dossier)
    with pytest.raises(DossierError, match="现在不能修改"):
        save_profile(reader=Reader(world.editor), dossier=dossier, values={"sex": "男"})
    with pytest.raises(DossierError, match="写明原因"):
        return_dossier(reader=Reader(archive.archivist), dossier=dossier, gate=Gate.CLEAR, reason=" ")
    return_dossier(reader=Reader(archive.archivist), dossier=dossier, gate=Gate.CLEAR, reason="张三的地址缺门牌")
    row = fresh(dossier)
    step = row.steps.filter(step=Step.RETURNED).get()
    assert (row.state, step.gate, step.note(row.customer.subject)) == (State.RETURNED, Gate.CLEAR, "张三的地址缺门牌")
    assert "张三".encode() not in bytes(step.sealed_note)
    save_profile(reader=Reader(world.editor), dossier=row, values={"address": "示例市示例路1号2室"})
    confirm_by_customer(reader=Reader(world.editor), dossier=row, how="phone", on=TODAY())
    submit_dossier(reader=Reader(world.editor), dossier=row)
    look_through(archive.archivist, row)
    verify_dossier(reader=Reader(archive.archivist), dossier=row)
    assert file_dossier(reader=Reader(archive.archivist), dossier=row).number


def test_two_archivists_file_once_and_the_second_hears_who_did(world: World, archive: Archive) -> None:
    filed = make_filed(world.editor, archive.archivist, world.unit)
    with pytest.raises(DossierError, match=f"已经归档，编号 {filed.number}"):
        file_dossier(reader=Reader(archive.second_archivist), dossier=filed)
    assert NumberEntry.objects.count() == 1


def test_a_gate_is_passed_by_reason_and_a_second_person(world: World, archive: Archive) -> None:
    dossier = complete(world.editor, make_dossier(world.editor, world.unit))
    dossier.documents.filter(kind="contract").delete()
    gap = find_gaps(dossier)[0]
    assert gap.what == "缺少购房合同"
    asked = ask_override(reader=Reader(world.manager), dossier=dossier, rule=gap.rule_id, reason="合同在法院")
    with pytest.raises(DossierError, match="不能批准自己的申请"):
        decide_override(reader=Reader(world.manager), override=asked, grant=True)
    with pytest.raises(PermissionDenied):
        decide_override(reader=Reader(world.editor), override=asked, grant=True)
    with pytest.raises(DossierError, match="已经有人申请"):
        ask_override(reader=Reader(world.editor), dossier=dossier, rule=gap.rule_id, reason="再申请一次")
    assert GateOverride.objects.get().is_granted is None
    head = make_person("head", Role.MANAGER, estate=world.estate)
    decide_override(reader=Reader(head), override=asked, grant=True)
    assert told(fresh(dossier)) == [("entered", "档案管理员还没有核对现在的内容")]
    verified = find_gaps(fresh(dossier))[0].rule_id
    with pytest.raises(DossierError, match="不能例外"):
        ask_override(reader=Reader(world.editor), dossier=dossier, rule=verified, reason="急")


def test_a_stale_form_is_refused_with_what_changed_and_loses_nothing(world: World) -> None:
    dossier = make_dossier(world.editor, world.unit)
    save_profile(reader=Reader(world.manager), dossier=dossier, values={"mobile": "13900000009"}, loaded=1)
    with pytest.raises(StaleDossier, match=r"manager 在 .* 改过这位客户的资料（手机）") as stale:
        save_profile(reader=Reader(world.editor), dossier=dossier, values={"mobile": "13700000000"}, loaded=1)
    assert stale.value.changed == ["mobile"]
    assert latest_profile(fresh(dossier).customer)["mobile"] == "13900000009"


def test_every_version_stays_and_nothing_new_makes_none(world: World) -> None:
    dossier = make_dossier(world.editor, world.unit)
    saved = save_profile(reader=Reader(world.editor), dossier=dossier, values={"name": "张三"})
    assert saved.version is None
    second = save_profile(reader=Reader(world.editor), dossier=dossier, values={"sex": "女", "address": ""}).version
    assert second is not None
    assert (second.number, second.changed) == (2, ["address", "sex"])
    assert [v.number for v in second.customer.profiles.all()] == [1, 2]
    with pytest.raises(TypeError, match="written once"):
        second.save()


def test_doubtful_values_are_kept_and_named(world: World) -> None:
    wrong = sample_identity(7)[:-1] + ("0" if sample_identity(7)[-1] != "0" else "1")
    profile = sample_profile() | {"identity": wrong, "home_phone": "12"}
    dossier = enter(world.editor, open_dossier(world.editor, world.unit), profile)
    assert latest_profile(dossier.customer)["identity"] == wrong
    assert told(dossier)[:2] == [
        ("clear", "证件号码：校验位不对，请核对每一位"),
        ("clear", "家庭电话：不像电话号码：手机 11 位，固定电话带区号，境外号码以 + 开头"),
    ]


def test_a_resale_opens_a_tenure_and_the_old_one_closes_and_stays(world: World, archive: Archive) -> None:
    first = make_filed(world.editor, archive.archivist, world.unit, opened_on=TODAY() - timedelta(400))
    with pytest.raises(UnitTaken, match="如果是转卖"):
        open_dossier(world.editor, world.unit)
    assert DossierPage.objects.count() == 1
    second = make_dossier(world.editor, world.unit, "李四", 2, is_resale=True)
    old, new = Tenure.objects.order_by("opened_on")
    assert (old.closed_on, new.closed_on) == (TODAY(), None)
    assert (first.tenure_id, second.tenure_id) == (old.pk, new.pk)


def test_a_unit_is_not_sold_twice_on_one_day(world: World, archive: Archive) -> None:
    first = make_filed(world.editor, archive.archivist, world.unit)
    with pytest.raises(DossierError, match=f"已有一次销售（档案 {first.number}）"):
        open_dossier(world.editor, world.unit, is_resale=True)
    with pytest.raises(DossierError, match="不能比它早"):
        open_dossier(world.editor, world.unit, is_resale=True, opened_on=TODAY() - timedelta(1))
    assert Tenure.objects.count() == 1


def test_a_dossier_opened_by_mistake_is_given_up_and_the_owner_before_is_back(world: World, archive: Archive) -> None:
    make_filed(world.editor, archive.archivist, world.unit, opened_on=TODAY() - timedelta(30))
    wrong = make_dossier(world.editor, world.unit, "李四", 2, is_resale=True)
    void_dossier(reader=Reader(world.editor), dossier=wrong, reason="房号选错")
    assert (fresh(wrong).state, fresh(wrong).tenure) == (State.VOID, None)
    assert Tenure.objects.get().closed_on is None


def test_a_tenant_lives_beside_an_owner(world: World, archive: Archive) -> None:
    make_filed(world.editor, archive.archivist, world.unit)
    tenant = make_dossier(world.editor, world.unit, "李四", 2, tenure="tenant", need="rent")
    assert tenant.tenure is not None
    assert Tenure.objects.filter(closed_on=None).count() == 2


def test_an_editor_of_another_estate_starts_and_changes_nothing(world: World) -> None:
    dossier = make_dossier(world.editor, world.unit)
    lines = AccessEntry.objects.count()
    other = Reader(world.other_editor)
    with pytest.raises(PermissionDenied):
        open_dossier(world.other_editor, make_unit(world.estate, "1栋1单元101"))
    with pytest.raises(PermissionDenied):
        save_profile(reader=other, dossier=dossier, values={"name": "李四"})
    with pytest.raises(PermissionDenied):
        submit_dossier(reader=other, dossier=dossier)
    assert (latest_profile(dossier.customer)["name"], AccessEntry.objects.count()) == ("张三", lines)
    assert DossierStep.objects.filter(by=world.other_editor).count() == 0


def test_facts_are_not_changed_by_an_old_revision(world: World, archive: Archive) -> None:
    filed = make_filed(world.editor, archive.archivist, world.unit)
    first = filed.revisions.order_by("pk")[0].as_object()
    assert (first.number, first.state, first.tenure_id) == (filed.number, State.FILED, filed.tenure_id)


def test_a_document_gets_versions(world: World) -> None:
    dossier = make_dossier(world.editor, world.unit)
    attach(world.editor, dossier, "contract")
    attach(world.editor, dossier, "contract")
    assert list(dossier.documents.values_list("title", "version", "pages")) == [(1, 1, 1), (2, 1, 1)]
