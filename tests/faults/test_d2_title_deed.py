"""A title deed that was filled is corrected by two people, and what it was stays."""

from __future__ import annotations

from datetime import date, timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from archives.factories import make_filed
from archives.models import DossierPage
from archives.profiles import latest_profile
from archives.vocabulary import DEED
from estates.models import User
from tests.archives.conftest import Archive, archive
from tests.conftest import World

__all__ = ["archive"]
FIRST, SECOND = "示例房权证0001号", "示例房权证0002号"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def deed_of(dossier: DossierPage) -> tuple[object, date | None]:
    row = DossierPage.objects.get(pk=dossier.pk)
    assert row.tenure is not None
    return latest_profile(row.customer).get(DEED), row.tenure.deed_on


def note(user: User, dossier: DossierPage, on: date, number: str = "") -> str:
    client = signed_in(user)
    given = {"deed_on": on.isoformat(), "deed_number": number}
    return client.post(reverse("archives:deed", args=[dossier.key]), given, follow=True).content.decode()


def filed_with_deed(world: World, archive: Archive) -> tuple[DossierPage, date]:
    opened, done = timezone.localdate() - timedelta(60), timezone.localdate() - timedelta(20)
    filed = make_filed(world.editor, archive.archivist, world.unit, opened_on=opened)
    note(world.editor, filed, done, FIRST)
    assert deed_of(filed) == (FIRST, done)
    return filed, done


def test_d2_a_filled_deed_number_is_not_overwritten_by_one_editor(world: World, archive: Archive) -> None:
    filed, done = filed_with_deed(world, archive)
    page = note(world.editor, filed, done, SECOND)
    assert deed_of(filed) == (FIRST, done)
    assert "等另一位同事批准" in page


def test_d2_a_filled_deed_day_is_not_overwritten_by_one_editor(world: World, archive: Archive) -> None:
    filed, done = filed_with_deed(world, archive)
    note(world.editor, filed, done - timedelta(3))
    assert deed_of(filed) == (FIRST, done)


def test_d2_a_second_person_makes_the_correction_and_the_old_value_is_told(world: World, archive: Archive) -> None:
    filed, done = filed_with_deed(world, archive)
    note(world.editor, filed, done - timedelta(3), SECOND)
    address = reverse("archives:act", args=[filed.key])
    row = filed.deed_corrections.get()
    own = signed_in(world.editor).post(address, {"action": "decide_deed", "deed": row.pk, "grant": "yes"})
    assert (own.status_code, deed_of(filed)) == (403, (FIRST, done))
    manager = signed_in(world.manager)
    shown = manager.get(filed.get_absolute_url()).content.decode()
    assert ("等另一位同事批准" in shown, FIRST in shown, SECOND in shown) == (True, False, False)
    clear = manager.post(reverse("archives:reveal", args=[filed.key]), {"purpose": "repair"}).content.decode()
    assert (FIRST in clear, SECOND in clear) == (True, True)
    manager.post(address, {"action": "decide_deed", "deed": row.pk, "grant": "yes"})
    assert deed_of(filed) == (SECOND, done - timedelta(3))
    told = manager.post(reverse("archives:reveal", args=[filed.key]), {"purpose": "repair"}).content.decode()
    assert (f"{FIRST} → {SECOND}" in told, f"{done} → {done - timedelta(3)}" in told) == (True, True)
    assert FIRST.encode() not in bytes(row.sealed_values)


def test_d2_a_refused_correction_changes_nothing_and_a_first_number_needs_nobody(
    world: World, archive: Archive
) -> None:
    filed, done = filed_with_deed(world, archive)
    note(world.editor, filed, done, SECOND)
    row = filed.deed_corrections.get()
    address = reverse("archives:act", args=[filed.key])
    signed_in(world.manager).post(address, {"action": "decide_deed", "deed": row.pk, "grant": "no"})
    assert deed_of(filed) == (FIRST, done)
    row.refresh_from_db()
    assert (row.is_granted, row.decided_by) == (False, world.manager)


def test_d2_the_change_form_keeps_working_for_a_deed_number(world: World, archive: Archive) -> None:
    filed, done = filed_with_deed(world, archive)
    assert DEED in filed.customer.filled or deed_of(filed) == (FIRST, done)
