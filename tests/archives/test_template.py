"""The template has versions; dossiers keep the one they were filed under, and no typed value is lost."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from archives.factories import complete, make_dossier, make_filed
from archives.gates import find_gaps
from archives.models import DossierPage, TemplateItem, TemplateRemoval, TemplateVersion
from archives.profiles import latest_profile
from archives.register import Reader
from archives.services.entering import save_profile
from archives.services.errors import DossierError
from archives.services.templating import apply_template, prepare_template, preview, problem_with
from archives.template import items_for, template_in_force
from estates.factories import make_person, make_unit
from estates.models import User
from estates.roles import Role
from tests.archives.conftest import Archive
from tests.conftest import World


@pytest.fixture
def keeper(world: World) -> User:
    return make_person("keeper", Role.ARCHIVIST)


def prepared(keeper: User, *, required: tuple[str, ...] = (), removed: tuple[str, ...] = ()) -> TemplateVersion:
    version = prepare_template(by=keeper)
    version.items.filter(code__in=required).update(required=True)
    version.items.filter(code__in=removed).delete()
    return version


def test_a_new_version_begins_as_a_copy_and_there_is_one_at_a_time(world: World, keeper: User) -> None:
    first = template_in_force()
    copy = prepare_template(by=keeper)
    assert (copy.number, copy.state, copy.items.count()) == (2, "prepared", first.items.count())
    assert prepare_template(by=keeper) == copy
    with pytest.raises(PermissionDenied):
        prepare_template(by=world.editor)


def test_the_preview_says_which_dossiers_would_lack_what(world: World, archive: Archive, keeper: User) -> None:
    make_filed(world.editor, archive.archivist, world.unit)
    entering = make_dossier(world.editor, make_unit(world.estate, "5栋302"), "李四", 2)
    version = prepared(keeper, required=("health", "car"), removed=("dress",))
    TemplateItem.objects.create(template=version, code="pet", label="宠物", section="家庭信息", kind="text")
    told = preview(version)
    assert (told.added, told.gone, told.filed) == (["宠物"], ["着装习惯"], 1)
    assert [(line.dossier.pk, line.items) for line in told.lacking] == [(entering.pk, ["健康状况", "车辆品牌"])]
    assert template_in_force().number == 1


def test_putting_it_in_force_moves_the_unfiled_and_leaves_the_filed(
    world: World, archive: Archive, keeper: User
) -> None:
    filed = make_filed(world.editor, archive.archivist, world.unit)
    entering = complete(world.editor, make_dossier(world.editor, make_unit(world.estate, "5栋302"), "李四", 2))
    apply_template(by=keeper, version=prepared(keeper, required=("sex",)))
    assert template_in_force().number == 2
    assert DossierPage.objects.get(pk=filed.pk).template == TemplateVersion.objects.get(number=1)
    row = DossierPage.objects.get(pk=entering.pk)
    assert [gap.what for gap in find_gaps(row)] == ["性别还没有填写", "档案管理员还没有核对现在的内容"]
    assert row.open_gaps == 2
    with pytest.raises(DossierError, match="只有准备中的版本"):
        apply_template(by=keeper, version=TemplateVersion.objects.get(number=1))


@pytest.mark.parametrize("code", ["name", "identity", "mobile"])
def test_what_people_are_found_by_stays(world: World, keeper: User, code: str) -> None:
    version = prepared(keeper, removed=(code,))
    assert f"“{code}”这一项不能去掉" in problem_with(version)
    with pytest.raises(DossierError, match="不能去掉"):
        apply_template(by=keeper, version=version)
    assert template_in_force().number == 1


def test_an_estate_adds_and_leaves_out_items(world: World, keeper: User) -> None:
    version = prepare_template(by=keeper)
    TemplateItem.objects.create(template=version, code="boat", label="游艇", section="社会尊重", estate=world.estate)
    TemplateRemoval.objects.create(template=version, estate=world.estate, code="tobacco")
    apply_template(by=keeper, version=version)
    here = {item.code for item in items_for(template_in_force(), world.estate)}
    there = {item.code for item in items_for(template_in_force(), world.other_estate)}
    assert (here - there, there - here) == ({"boat"}, {"tobacco"})


def test_an_item_that_goes_while_a_form_is_open_keeps_what_was_typed(world: World, keeper: User) -> None:
    dossier = make_dossier(world.editor, world.unit)
    client = Client()
    client.force_login(world.editor)
    form = client.get(f"/archive/d/{dossier.slug}/enter/").context
    assert "dress" in form["asked"]
    apply_template(by=keeper, version=prepared(keeper, removed=("dress",)))
    typed = {"asked": form["asked"], "loaded": form["loaded"], "item-name": "张三", "item-dress": "中山装"}
    saved = client.post(f"/archive/d/{dossier.slug}/enter/", typed, follow=True)
    assert "模板已经改过，不再需要：着装习惯" in saved.content.decode()
    assert latest_profile(DossierPage.objects.get().customer) == {"name": "张三", "dress": "中山装"}
    again = client.get(f"/archive/d/{dossier.slug}/enter/").content.decode()
    assert "中山装" in again


def test_a_value_of_an_option_that_was_taken_away_stays_choosable(world: World, keeper: User) -> None:
    dossier = make_dossier(world.editor, world.unit)
    save_profile(reader=Reader(world.editor), dossier=dossier, values={"travel": ["骑行", "地铁"]})
    version = prepare_template(by=keeper)
    version.items.filter(code="travel").update(options="地铁 | Metro")
    apply_template(by=keeper, version=version)
    row = DossierPage.objects.get()
    save_profile(reader=Reader(world.editor), dossier=row, values={"sex": "男"})
    row = DossierPage.objects.get()
    assert row.customer.unclear == {"travel": "option"}
    assert latest_profile(row.customer)["travel"] == ["骑行", "地铁"]


def test_the_admin_edits_prepared_versions_only(world: World, keeper: User) -> None:
    template_in_force()
    client = Client()
    client.force_login(keeper)
    base = "/admin/snippets/archives/templateversion"
    assert client.get(f"{base}/add/").headers["Location"] == "/archive/templates/"
    assert client.get(f"{base}/edit/{template_in_force().pk}/").status_code == 302
    page = client.post("/archive/templates/")
    version = TemplateVersion.objects.get(number=2)
    assert page.headers["Location"] == f"/archive/templates/{version.pk}/"
    edit = client.get(f"{base}/edit/{version.pk}/")
    assert edit.status_code == 200
    assert "理想的家最看重什么" in edit.content.decode()
    assert client.get(f"/archive/templates/{version.pk}/").status_code == 200
    other = Client()
    other.force_login(world.editor)
    assert other.get("/archive/templates/").status_code == 403
    assert other.get(f"{base}/edit/{version.pk}/").status_code == 302


def test_the_template_speaks_english(world: World) -> None:
    from django.utils import translation

    with translation.override("en"):
        items = {item.code: item for item in items_for(template_in_force(), world.estate)}
        assert (items["car"].words, items["car"].section_words) == ("Car make", "Standing")
        assert items["ideal_home"].choices[0] == ("总体规划", "Site plan")
        assert all(item.label_en and item.section_en for item in items.values())
