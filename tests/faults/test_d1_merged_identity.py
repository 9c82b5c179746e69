"""Merging changes nothing of a filed identity: what a change request demands, merging demands."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from archives.duplicates import propose_duplicates
from archives.factories import complete, enter, make_dossier, make_filed, sample_identity, sample_profile
from archives.finding import find_people
from archives.models import Customer, DossierPage, DuplicateProposal, Merge, ProfileVersion
from archives.profiles import latest_profile
from archives.register import Reader
from archives.services.entering import save_profile
from archives.services.errors import DossierError
from archives.vocabulary import State
from estates.factories import make_unit
from estates.models import User
from tests.archives.conftest import Archive, archive
from tests.conftest import World

__all__ = ["archive"]
ROOT = Path(__file__).parent.parent.parent


def profile(dossier: DossierPage) -> dict[str, object]:
    return dict(latest_profile(DossierPage.objects.get(pk=dossier.pk).customer))


def twins(world: World, archive: Archive, **other: str) -> tuple[DossierPage, DossierPage]:
    """A filed dossier, and a draft that shares its name and mobile."""
    first = make_filed(world.editor, archive.archivist, world.unit)
    second = make_dossier(world.editor, make_unit(world.estate, "2栋3单元1201"), "张三", 1)
    enter(world.editor, second, dict(other))
    propose_duplicates()
    return first, DossierPage.objects.get(pk=second.pk)


def merge(client: Client, keep: DossierPage, **more: str) -> object:
    address = reverse("archives:duplicate", args=[DuplicateProposal.objects.get().pk])
    return client.post(address, {"action": "merge", "keep": keep.pk, "reason": "同一人", **more})


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


OTHER = {
    "name": "张三丰",
    "identity": sample_identity(77),
    "address": "示例市别处路9号",
    "office_phone": "07551234567",
    "cuisine": "川菜",
}


def test_d1_a_merge_chosen_for_the_draft_side_leaves_the_filed_identity(world: World, archive: Archive) -> None:
    first, second = twins(world, archive, **{**OTHER, "name": "张三"})
    before = profile(first)
    client = signed_in(archive.second_archivist)
    answer = merge(client, first, **{"side-identity": "other", "side-address": "other"})
    assert profile(first) == before
    assert DossierPage.objects.get(pk=second.pk).state == State.ENTERING
    assert Merge.objects.count() == 0
    assert "变更登记表" in answer.content.decode()  # type: ignore[attr-defined]


def test_d1_a_merge_takes_what_is_no_identity_and_adds_no_contact(world: World, archive: Archive) -> None:
    first, _second = twins(world, archive, **{**OTHER, "name": "张三"})
    before = profile(first)
    merge(signed_in(archive.second_archivist), first)
    assert Merge.objects.count() == 1
    assert profile(first) == {**before, "cuisine": "川菜"}
    found = find_people(reader=Reader(world.editor), text="07551234567")
    assert [row.dossier.pk for row in found.rows] == [first.pk]


def test_d1_undoing_a_merge_does_not_change_what_was_filed_in_between(world: World, archive: Archive) -> None:
    first = make_dossier(world.editor, world.unit)
    second = make_dossier(world.editor, make_unit(world.estate, "2栋3单元1201"), "张三", 1)
    enter(world.editor, second, {"address": "示例市别处路9号", "cuisine": "川菜"})
    propose_duplicates()
    client = signed_in(archive.second_archivist)
    merge(client, first, **{"side-address": "other"})
    assert profile(first)["address"] == "示例市别处路9号"
    filed = complete(world.editor, DossierPage.objects.get(pk=first.pk))
    DossierPage.objects.filter(pk=filed.pk).update(state=State.FILED, number="YLW-DA-2026-00009")
    client.post(reverse("archives:unmerge", args=["YLW-DA-2026-00009"]), {"merge": Merge.objects.get().pk})
    assert DossierPage.objects.get(pk=second.pk).state == State.ENTERING
    assert profile(first) == {**sample_profile("张三", 1), "address": "示例市别处路9号"}


def test_d1_two_filed_dossiers_of_different_people_are_not_merged(world: World, archive: Archive) -> None:
    first = make_filed(world.editor, archive.archivist, world.unit)
    second = make_filed(world.editor, archive.archivist, make_unit(world.estate, "2栋3单元1201"), "张三", 1)
    propose_duplicates()
    other = make_filed(world.editor, archive.archivist, make_unit(world.estate, "6栋1单元101"), "李四", 5)
    DuplicateProposal.objects.filter(second=second.customer).update(second=other.customer)
    answer = merge(signed_in(archive.second_archivist), first)
    assert DossierPage.objects.get(pk=other.pk).state == State.FILED
    assert Merge.objects.count() == 0
    assert "姓名或企业名称、证件号码" in answer.content.decode()  # type: ignore[attr-defined]


def test_d1_a_draft_of_a_customer_whose_other_dossier_is_filed_cannot_change_the_identity(
    world: World, archive: Archive
) -> None:
    first = make_filed(world.editor, archive.archivist, world.unit)
    draft = make_dossier(world.editor, make_unit(world.estate, "2栋3单元1201"), "李四", 3)
    DossierPage.objects.filter(pk=draft.pk).update(customer=Customer.objects.get(pk=first.customer_id))
    before = profile(first)
    with pytest.raises(DossierError, match="变更登记表"):
        save_profile(reader=Reader(world.editor), dossier=draft, values={"identity": sample_identity(9)})
    assert profile(first) == before
    save_profile(reader=Reader(world.editor), dossier=draft, values={"cuisine": "粤菜"})
    assert profile(first) == {**before, "cuisine": "粤菜"}


def test_d1_the_name_of_a_filed_dossier_is_never_emptied(world: World, archive: Archive) -> None:
    first = make_filed(world.editor, archive.archivist, world.unit)
    draft = make_dossier(world.editor, make_unit(world.estate, "2栋3单元1201"), "李四", 3)
    DossierPage.objects.filter(pk=draft.pk).update(customer=Customer.objects.get(pk=first.customer_id))
    with pytest.raises(DossierError):
        save_profile(reader=Reader(world.editor), dossier=draft, values={"name": ""})
    assert profile(first)["name"] == "张三"


WRITERS = {"archives/services/entering.py", "archives/services/taking_over.py", "archives/services/taking_bags.py"}
"""`write_profile` holds the rule; the two imports write the first versions of customers that they make themselves."""


def test_d1_profile_versions_are_written_in_three_places_only() -> None:
    found = {
        str(path.relative_to(ROOT))
        for package in ("archives", "cms", "service", "exchange", "magazine", "casebook", "vault", "website")
        for path in (ROOT / package).rglob("*.py")
        if "migrations" not in path.parts
        and ("ProfileVersion(" in (text := path.read_text("utf-8")) or "ProfileVersion.objects.create" in text)
        and path.name != "customers.py"
    }
    assert found == WRITERS
    assert ProfileVersion._meta.model_name == "profileversion"
