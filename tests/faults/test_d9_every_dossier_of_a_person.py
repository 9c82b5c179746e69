"""D9: what a person asks reaches every dossier that somebody said is his, however many judgments away."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from archives.evidence import Named
from archives.factories import make_dossier, make_filed
from archives.finding import find_people
from archives.life_vocabulary import ProposalState
from archives.models import Customer, DossierPage, DuplicateProposal
from archives.register import Reader
from archives.retention import due_on
from archives.services.contacts import add_contact
from archives.services.errors import DossierError
from archives.services.holding import end_tenure
from archives.services.person_requests import Asked, fulfil_request, refuse_request, take_request
from estates.factories import make_unit
from tests.archives.conftest import Archive, build_archive
from tests.conftest import World


@pytest.fixture
def archive(world: World) -> Archive:
    return build_archive(world)


def pair(first: DossierPage, second: DossierPage, state: ProposalState) -> None:
    low, high = sorted([first.customer_id, second.customer_id])
    DuplicateProposal.objects.update_or_create(first_id=low, second_id=high, defaults={"state": state})


@pytest.fixture
def chain(world: World, archive: Archive) -> list[DossierPage]:
    """B, A, C, D are one person, each said of two neighbours only; B and C wait; E is said to be another."""
    homes = [make_unit(world.estate, f"6栋1单元10{number}") for number in range(1, 6)]
    b, a, c, d, e = made = [make_dossier(world.editor, home, "张三", 1) for home in homes]
    DuplicateProposal.objects.all().delete()
    for first, second in ((a, b), (a, c), (c, d)):
        pair(first, second, ProposalState.SAME)
    pair(b, c, ProposalState.PROPOSED)
    pair(d, e, ProposalState.DISTINCT)
    return made


def carry_out(world: World, archive: Archive, dossier: DossierPage, kind: str) -> None:
    named = Named(phone="13800000001", unit=dossier.unit.code)
    asked = Asked(kind, "paper", timezone.localdate(), named)
    request = take_request(reader=Reader(world.editor), dossier=DossierPage.objects.get(pk=dossier.pk), asked=asked)
    fulfil_request(reader=Reader(archive.archivist), request=request)


def marked(chain: list[DossierPage], field: str) -> list[bool]:
    told = dict(Customer.objects.values_list("pk", field))
    return [told[one.customer_id] is not None for one in chain]


def test_d9_restriction_and_resumption_reach_every_dossier_said_to_be_the_persons(
    world: World, archive: Archive, chain: list[DossierPage]
) -> None:
    carry_out(world, archive, chain[0], "restriction")
    assert marked(chain, "restricted_at") == [True, True, True, True, False]
    shown = {row.dossier.pk: row.who.name for row in find_people(reader=Reader(world.editor), text="张三").rows}
    assert shown == {one.pk: "" for one in chain[:4]} | {chain[4].pk: shown[chain[4].pk]}
    assert shown[chain[4].pk]
    with pytest.raises(DossierError, match="停止使用"):
        add_contact(
            reader=Reader(world.editor), dossier=chain[3], on=timezone.localdate(), channel="phone", text="示例谈话"
        )
    assert chain[3].contacts.count() == 0
    assert sorted(DuplicateProposal.objects.values_list("state", flat=True)) == ["distinct", "same", "same", "same"]
    carry_out(world, archive, chain[3], "resumption")
    assert marked(chain, "restricted_at") == [False] * 5


def test_d9_withdrawn_consent_reaches_every_dossier_said_to_be_the_persons(
    world: World, archive: Archive, chain: list[DossierPage]
) -> None:
    carry_out(world, archive, chain[3], "withdrawal")
    assert marked(chain, "consent_withdrawn_on") == [True, True, True, True, False]
    carry_out(world, archive, chain[0], "resumption")
    assert marked(chain, "consent_withdrawn_on") == [False] * 5


def test_d9_the_term_of_what_a_tenant_wanted_deleted_begins_when_he_moves_out(world: World, archive: Archive) -> None:
    filed = make_filed(world.editor, archive.archivist, world.unit, tenure="tenant", opened_on=date(2008, 1, 1))
    asked = Asked("deletion", "paper", timezone.localdate(), Named(phone="13800000001", unit=world.unit.code))
    request = take_request(reader=Reader(world.editor), dossier=filed, asked=asked)
    refuse_request(reader=Reader(archive.archivist), request=request, reply="依法保管 10 年")
    restricted = DossierPage.objects.get(pk=filed.pk)
    assert (restricted.customer.restricted_at is not None, due_on(restricted)) == (True, None)
    end_tenure(reader=Reader(world.editor), dossier=restricted, on=date(2010, 8, 31))
    assert due_on(DossierPage.objects.get(pk=filed.pk)) == date(2021, 1, 1)
