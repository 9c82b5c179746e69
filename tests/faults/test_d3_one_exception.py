"""An exception is for one missing item of one version; everything else keeps the gate shut."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from archives.factories import complete, enter, make_dossier, open_dossier, sample_profile
from archives.gates import find_gaps
from archives.models import DossierPage, GateOverride, GateRule, TemplateItem
from archives.register import Reader
from archives.services.errors import DossierError
from archives.services.overriding import ask_override, decide_override
from archives.services.reviewing import confirm_by_customer, file_dossier, submit_dossier
from archives.vocabulary import State
from estates.factories import make_person
from estates.models import User
from estates.roles import Role
from tests.archives.conftest import Archive, archive
from tests.conftest import World

__all__ = ["archive"]


def fields(dossier: DossierPage) -> list[str]:
    """What the gates still ask, besides the archivist's check."""
    gaps = find_gaps(DossierPage.objects.get(pk=dossier.pk))
    return [gap.field or gap.gate for gap in gaps if "档案管理员还没有核对" not in gap.what]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def granted(world: World, dossier: DossierPage, field: str) -> GateOverride:
    """Through the page: the form of that gap, and a second manager."""
    row = DossierPage.objects.get(pk=dossier.pk)
    gap = next(gap for gap in find_gaps(row) if gap.field == field)
    address = reverse("archives:act", args=[row.key])
    given = {"action": "ask_override", "rule": gap.rule_id, "field": field, "reason": "客户下周补"}
    signed_in(world.editor).post(address, given)
    asked = GateOverride.objects.get(decided_at=None)
    signed_in(world.manager).post(address, {"action": "decide_override", "override": asked.pk, "grant": "yes"})
    asked.refresh_from_db()
    assert asked.is_granted
    return asked


def without(world: World, *emptied: str) -> DossierPage:
    dossier = make_dossier(world.editor, world.unit)
    enter(world.editor, dossier, dict.fromkeys(emptied, ""))
    return complete(world.editor, dossier)


def test_d3_an_exception_lets_only_its_own_item_through(world: World) -> None:
    dossier = without(world, "address", "mobile")
    assert fields(dossier) == ["address", "mobile"]
    granted(world, dossier, "address")
    assert fields(dossier) == ["mobile"]


def test_d3_others_emptied_afterwards_close_the_gate_again(world: World) -> None:
    dossier = without(world, "address")
    granted(world, dossier, "address")
    assert fields(dossier) == []
    enter(world.editor, dossier, {"mobile": "", "identity": ""})
    confirm_by_customer(
        reader=Reader(world.editor), dossier=dossier, how="phone", on=DossierPage.objects.get().record_date
    )
    assert fields(dossier) == ["identity", "address", "mobile"]


def test_d3_an_exception_asked_for_an_earlier_version_cannot_be_granted(world: World) -> None:
    dossier = without(world, "address")
    rule = find_gaps(dossier)[0].rule_id
    address = reverse("archives:act", args=[dossier.key])
    given = {"action": "ask_override", "rule": rule, "field": "address", "reason": "下周补"}
    signed_in(world.editor).post(address, given)
    enter(world.editor, dossier, {"cuisine": "川菜"})
    asked = GateOverride.objects.get()
    with pytest.raises(DossierError, match="重新申请"):
        decide_override(reader=Reader(world.manager), override=asked, grant=True)
    asked.refresh_from_db()
    assert asked.is_granted is None
    signed_in(world.editor).post(address, given)
    assert GateOverride.objects.filter(decided_at=None).count() == 2


def test_d3_a_doubtful_number_let_through_is_not_another_doubtful_number(world: World) -> None:
    dossier = make_dossier(world.editor, world.unit)
    enter(world.editor, dossier, {"home_phone": "12"})
    complete(world.editor, dossier)
    granted(world, dossier, "home_phone")
    assert fields(dossier) == []
    enter(world.editor, dossier, {"home_phone": "34"})
    assert "home_phone" in fields(dossier)


def test_d3_nobody_is_let_through_without_a_name(world: World, archive: Archive) -> None:
    profile = sample_profile()
    profile["name"] = ""
    dossier = complete(world.editor, enter(world.editor, open_dossier(world.editor, world.unit), profile))
    gap = next(gap for gap in find_gaps(dossier) if gap.field == "name")
    with pytest.raises(DossierError, match="不能例外"):
        ask_override(
            reader=Reader(world.editor),
            dossier=dossier,
            rule=gap.rule_id,
            field="name",
            reason="急",
        )
    assert GateOverride.objects.count() == 0


def test_d3_rules_switched_off_do_not_file_a_dossier_without_a_name(world: World, archive: Archive) -> None:
    profile = sample_profile()
    profile["name"] = ""
    dossier = complete(world.editor, enter(world.editor, open_dossier(world.editor, world.unit), profile))
    TemplateItem.objects.filter(code="name").update(required=False)
    GateRule.objects.update(is_active=False)
    submit_dossier(reader=Reader(world.editor), dossier=dossier)
    with pytest.raises(DossierError):
        file_dossier(reader=Reader(archive.archivist), dossier=dossier)
    assert DossierPage.objects.get(pk=dossier.pk).state == State.SUBMITTED


def test_d3_an_exception_for_a_paper_is_not_one_for_the_next_paper(world: World, archive: Archive) -> None:
    dossier = complete(world.editor, make_dossier(world.editor, world.unit))
    dossier.documents.filter(kind__in=["contract", "identity"]).delete()
    granted(world, dossier, "contract")
    assert fields(dossier) == ["identity"]
    head = make_person("head", Role.MANAGER, estate=world.estate)
    assert head.pk != world.manager.pk
