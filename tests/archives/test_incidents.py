"""A leak: whom it touched comes from the register, letters are drafted, training is noted."""

from __future__ import annotations

from datetime import timedelta

import pypdfium2
import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from archives.factories import make_dossier
from archives.finding import find_people
from archives.incident_report import touched_by
from archives.models import Incident
from archives.policies import may_handle_incidents
from archives.register import Reader
from archives.services.errors import DossierError
from archives.services.incidents import Report, close_incident, draft_letters, open_incident
from archives.services.revealing import reveal_profile
from estates.factories import make_unit
from tests.archives.conftest import Archive
from tests.conftest import World
from vault.models import AccessEntry


def leak(world: World, archive: Archive) -> Incident:
    """The manager's account is misused: one dossier revealed, another only found, a third untouched."""
    revealed = make_dossier(world.editor, world.unit)
    make_dossier(world.editor, make_unit(world.estate, "3栋2单元1202"), "李四", 2)
    make_dossier(world.editor, make_unit(world.estate, "3栋2单元1203"), "王五", 3)
    since = timezone.now()
    reveal_profile(reader=Reader(world.manager), dossier=revealed, purpose="revisit")
    find_people(reader=Reader(world.manager), text="李四")
    find_people(reader=Reader(archive.property), text="王五")
    until = timezone.now() + timedelta(seconds=1)
    return open_incident(by=archive.archivist, report=Report("账号被盗用", since, until, world.manager, "已停用账号"))


def test_exactly_those_whom_the_account_read_are_listed(world: World, archive: Archive) -> None:
    incident = leak(world, archive)
    touched = touched_by(incident, may_handle_incidents(archive.archivist))
    assert [(one.dossier.unit.code, one.acts, one.in_clear) for one in touched] == [
        ("3-2-1201", ["revealed"], True),
        ("3-2-1202", ["searched"], False),
    ]


def test_letters_name_the_customer_and_leave_lines(world: World, archive: Archive) -> None:
    incident = leak(world, archive)
    client = Client()
    client.force_login(archive.archivist)
    first = touched_by(incident, may_handle_incidents(archive.archivist))[0].dossier
    before = AccessEntry.objects.count()
    drafted = client.post(reverse("archives:incident-letters", args=[incident.pk]), {"dossier": [first.pk]})
    pages = pypdfium2.PdfDocument(drafted.content)
    text = pages[0].get_textpage().get_text_range()
    assert (len(pages), "张三" in text, "账号被盗用" in text) == (1, True, True)
    assert [line.act for line in AccessEntry.objects.order_by("sequence")[before:]] == ["printed"]


def test_it_closes_with_letters_and_training_only(world: World, archive: Archive) -> None:
    incident = leak(world, archive)
    today = timezone.localdate()
    with pytest.raises(DossierError, match="培训"):
        close_incident(by=archive.archivist, incident=incident, trained_on=None, training="")
    with pytest.raises(DossierError, match="还有 1 位"):
        close_incident(by=archive.archivist, incident=incident, trained_on=today, training="全员账号安全")
    touched = touched_by(incident, may_handle_incidents(archive.archivist))
    draft_letters(reader=Reader(archive.archivist), incident=incident, wanted=[one.dossier.pk for one in touched])
    closed = close_incident(by=archive.archivist, incident=incident, trained_on=today, training="全员账号安全")
    assert (closed.closed_by, closed.training) == (archive.archivist, "全员账号安全")
    with pytest.raises(DossierError, match="处理完了"):
        draft_letters(reader=Reader(archive.archivist), incident=incident, wanted=[])


def test_words_that_name_people_and_strangers_are_refused(world: World, archive: Archive) -> None:
    now = timezone.now()
    with pytest.raises(DossierError, match="不要写姓名"):
        open_incident(by=archive.archivist, report=Report("电话 13800000001 外泄", now - timedelta(1), now))
    with pytest.raises(DossierError, match="结束时间"):
        open_incident(by=archive.archivist, report=Report("外泄", now, now - timedelta(1)))
    for person in (world.editor, archive.property, archive.auditor):
        with pytest.raises(PermissionDenied):
            open_incident(by=person, report=Report("外泄", now - timedelta(1), now))
    assert Incident.objects.count() == 0


def test_the_page_opens_lists_and_says_what_is_missing(world: World, archive: Archive) -> None:
    client = Client()
    client.force_login(archive.archivist)
    address = reverse("archives:incidents")
    refused = client.post(address, {"what": "外泄", "since": "", "until": ""})
    assert (refused.status_code, "请写明从什么时候" in refused.content.decode()) == (422, True)
    opened = client.post(address, {"what": "外泄", "since": "2026-01-01T08:00", "until": "2026-01-02T08:00"})
    page = client.get(opened["Location"]).content.decode()
    assert "没有人看过" in page
    refused = client.post(opened["Location"], {"training": "x"})
    assert (refused.status_code, "培训" in refused.content.decode()) == (422, True)
