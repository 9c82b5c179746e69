"""Which customers may be one: proposed with why, decided by a person."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from archives.duplicate_samples import KINDS, make_crowd
from archives.duplicates import candidates_for, find_pairs, propose_duplicates
from archives.factories import enter, make_dossier, make_filed, sample_profile
from archives.finding import find_people
from archives.models import Customer, DossierPage, DuplicateProposal, Merge
from archives.profiles import latest_profile
from archives.register import Reader
from archives.services.entering import write_profile
from archives.services.errors import DossierError
from archives.services.merging import compare_dossiers, merge_dossiers
from archives.services.reviewing import submit_dossier
from archives.services.taking_over import take_over
from archives.services.unmerging import undo_merge
from archives.template import known_items
from archives.vocabulary import State
from estates.factories import make_unit
from tests.archives.conftest import Archive
from tests.conftest import World

PEOPLE, PAIRS = int(os.environ.get("SOAK_PEOPLE", "3000")), int(os.environ.get("SOAK_PAIRS", "160"))
"""`make soak`: 50,000 customers, 2,000 of them entered twice."""

PART = 500


@dataclass
class Measured:
    recall: float
    precision: float
    by_kind: dict[str, float]


def measure(world: World, people: int, pairs: int) -> Measured:
    crowd = make_crowd(people, pairs)
    row_of: dict[int, int] = {}
    for start in range(0, len(crowd.arrivals), PART):
        part = crowd.arrivals[start : start + PART]
        with transaction.atomic():
            made = take_over(by=world.editor, estate=world.estate, arrivals=part, batch="crowd")
        row_of |= {one.dossier: row for row, one in made}
    customers = {
        customer: row_of[pk] for pk, customer in DossierPage.objects.values_list("pk", "customer") if pk in row_of
    }
    found = {frozenset((customers[a], customers[b])) for a, b in find_pairs()}
    truth = set(crowd.pairs)
    by_kind = {
        kind: len([p for p in truth & found if crowd.pairs[p] == kind])
        / len([p for p in truth if crowd.pairs[p] == kind])
        for kind in KINDS
    }
    return Measured(len(truth & found) / len(truth), len(truth & found) / len(found), by_kind)


def test_planted_pairs_are_proposed_and_those_who_only_look_alike_are_not(world: World) -> None:
    measured = measure(world, PEOPLE, PAIRS)
    print(f"{PEOPLE} customers, {PAIRS} pairs: {measured}")
    assert measured.recall >= 0.95
    assert measured.precision >= 0.90


TWIN = {"office_phone": "07551234567", "mobile": "13800000001"}


def twins(world: World, archive: Archive, *, filed: bool = True) -> tuple[DossierPage, DossierPage]:
    """A filed dossier, or one that is still entered, and the same customer entered again from another channel."""
    first = make_filed(world.editor, archive.archivist, world.unit) if filed else make_dossier(world.editor, world.unit)
    second = make_dossier(world.editor, make_unit(world.estate, "2栋3单元1201"), "張三", 2, channel="wechat")
    enter(world.editor, second, {"identity": "", **TWIN, "address": "示例市另一条路9号"})
    propose_duplicates()
    return first, DossierPage.objects.get(pk=second.pk)


def merged(archive: Archive, first: DossierPage, second: DossierPage, **chosen: str) -> Merge:
    return merge_dossiers(
        reader=Reader(archive.second_archivist), keep=first, other=second, chosen=chosen, reason="张三本人说明"
    )


def profile(dossier: DossierPage) -> dict[str, object]:
    return dict(latest_profile(DossierPage.objects.get(pk=dossier.pk).customer))


def test_a_pair_is_proposed_with_why_and_once(world: World, archive: Archive) -> None:
    _first, _second = twins(world, archive)
    (proposal,) = DuplicateProposal.objects.all()
    assert proposal.why == ["电话相同", "姓名相同", "房号可能写颠倒"]
    assert propose_duplicates([_second.customer_id]) == 1
    call_command("find_duplicates")
    assert DuplicateProposal.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "more"),
    [("李四", {}), ("张三", {"mobile": "13800000999", "address": "示例市远方路3号"})],
    ids=["a couple", "a namesake"],
)
def test_who_only_looks_alike_is_not_proposed(world: World, archive: Archive, name: str, more: dict[str, str]) -> None:
    make_dossier(world.editor, world.unit)
    other = make_dossier(world.editor, make_unit(world.estate, "5栋1单元301"), name, 2)
    enter(world.editor, other, {"mobile": "13800000001", "address": "示例市示例路1号示例花园1室", **more})
    assert propose_duplicates() == 0


def test_what_differs_stands_side_by_side_and_the_chosen_side_stays(world: World, archive: Archive) -> None:
    first, second = twins(world, archive, filed=False)
    rows = {
        row.item.code: row
        for row in compare_dossiers(reader=Reader(archive.second_archivist), keep=first, other=second)
    }
    assert [code for code, row in rows.items() if row.differs] == ["name", "address"]
    assert [code for code, row in rows.items() if row.only_other] == ["office_phone"]
    merged(archive, first, second, address="other", name="keep")
    assert profile(first) == sample_profile("张三", 1, address="示例市另一条路9号", office_phone="07551234567")
    gone = DossierPage.objects.get(pk=second.pk)
    assert (gone.state, gone.merged_into_id, gone.tenure) == (State.MERGED, first.pk, None)
    assert (DuplicateProposal.objects.get().state, propose_duplicates()) == ("merged", 0)


def test_the_kept_one_is_found_by_what_the_other_said(world: World, archive: Archive) -> None:
    first, second = twins(world, archive)
    merged(archive, first, second)
    reader = Reader(world.editor)
    for text in ("07551234567", "张三", "zs"):
        assert [row.dossier.pk for row in find_people(reader=reader, text=text).rows] == [first.pk], text
    client = Client()
    client.force_login(archive.archivist)
    assert client.get(second.get_absolute_url())["Location"] == first.get_absolute_url()
    page = client.get(first.get_absolute_url()).content.decode()
    assert "并入的档案" in page


def standing(*dossiers: DossierPage) -> list[object]:
    fresh = [DossierPage.objects.get(pk=one.pk) for one in dossiers]
    tokens = [set(one.customer.tokens.values_list("token", flat=True)) for one in fresh]
    return [[profile(one), one.state, str(one.tenure), found] for one, found in zip(fresh, tokens, strict=True)]


def test_undone_both_are_as_they_were(world: World, archive: Archive) -> None:
    first, second = twins(world, archive, filed=False)
    before = standing(first, second)
    merge = merged(archive, first, second, address="other", name="other")
    assert standing(first, second) != before
    assert undo_merge(reader=Reader(archive.archivist), merge=merge) == []
    assert standing(first, second) == before
    assert DuplicateProposal.objects.get().state == "proposed"
    with pytest.raises(DossierError, match="已经撤销"):
        undo_merge(reader=Reader(archive.archivist), merge=merge)


def test_undone_after_more_was_changed_the_change_stays(world: World, archive: Archive) -> None:
    first, second = twins(world, archive, filed=False)
    merge = merged(archive, first, second, address="other")
    customer = Customer.objects.get(pk=first.customer_id)
    later = {**latest_profile(customer), "address": "示例市第三条路7号"}
    write_profile(customer, later, ["address"], known_items(), world.editor)
    assert undo_merge(reader=Reader(archive.archivist), merge=merge) == ["通信地址"]
    assert profile(first) == sample_profile("张三", 1, address="示例市第三条路7号")
    assert profile(second)["address"] == "示例市另一条路9号"


def test_undoing_after_the_home_was_filed_anew_says_so_and_changes_nothing(world: World, archive: Archive) -> None:
    first, second = twins(world, archive)
    merge = merged(archive, first, second)
    newer = make_dossier(world.editor, second.unit, "王五", 5)
    before = profile(first)
    with pytest.raises(DossierError, match=f"2栋3单元1201又有了业主档案 {newer.slug}"):
        undo_merge(reader=Reader(archive.archivist), merge=merge)
    assert (profile(first), DossierPage.objects.get(pk=second.pk).state) == (before, State.MERGED)


def test_obstacles_are_said_before_anything_changes(world: World, archive: Archive) -> None:
    first, second = twins(world, archive)
    with pytest.raises(DossierError, match="已经归档"):
        merged(archive, second, first)
    submit_dossier(reader=Reader(world.editor), dossier=second)
    with pytest.raises(DossierError, match="等审核归档"):
        merged(archive, first, second)
    assert Merge.objects.count() == 0
    assert DossierPage.objects.get(pk=second.pk).state == State.SUBMITTED


def test_only_archivist_and_manager_of_both_estates_merge(world: World, archive: Archive) -> None:
    first, second = twins(world, archive)
    for person in (world.editor, archive.property, world.other_editor):
        with pytest.raises(PermissionDenied):
            merge_dossiers(reader=Reader(person), keep=first, other=second, chosen={}, reason="x")
        assert candidates_for(person) == []
    assert Merge.objects.count() == 0


def test_the_pages_compare_merge_and_dismiss(world: World, archive: Archive) -> None:
    first, second = twins(world, archive)
    client = Client()
    client.force_login(archive.second_archivist)
    listed = client.get(reverse("archives:duplicates")).content.decode()
    assert ("电话相同" in listed, "张*" in listed, "張三" in listed) == (True, True, False)
    address = reverse("archives:duplicate", args=[DuplicateProposal.objects.get().pk])
    page = client.get(address).content.decode()
    assert ("示例市另一条路9号" in page, "補" in page) == (True, False)
    refused = client.post(address, {"action": "merge", "keep": first.pk, "reason": ""})
    assert (refused.status_code, "请写明为什么" in refused.content.decode()) == (422, True)
    client.post(address, {"action": "distinct"})
    assert DuplicateProposal.objects.get().state == "distinct"
    assert candidates_for(archive.second_archivist) == []
    assert propose_duplicates() == 0
    done = client.post(address, {"action": "merge", "keep": first.pk, "reason": "本人说明", "side-address": "keep"})
    assert done["Location"] == first.get_absolute_url()
    merge = Merge.objects.get()
    client.post(reverse("archives:unmerge", args=[first.key]), {"merge": merge.pk})
    assert DossierPage.objects.get(pk=second.pk).state == State.ENTERING
