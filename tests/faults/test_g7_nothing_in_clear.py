"""G7: who is told that nothing was saved finds the words typed again, and no document lay in a file meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.files import temp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client

from archives.models import DossierDocument
from tests.archives.conftest import Archive
from tests.conftest import World

PATH = "/archive/d/YLW-DA-2026-00001/documents/"
DOCUMENT = b"%PDF-1.7 " + b"x" * 3_000_000
TYPED = "房产证复印件，业主本人交来，核对过原件，请存入该户档案。"


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was put into temporary files."""
    made: list[str] = []
    usual = temp.NamedTemporaryFile

    def noted(*args: Any, **named: Any) -> object:
        made.append("a file")
        return usual(*args, **named)

    monkeypatch.setattr(temp, "NamedTemporaryFile", noted)
    return made


@pytest.fixture
def client(world: World, archive: Archive) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(world.editor)
    return client


def send(client: Client) -> tuple[int, str]:
    form = {"file": SimpleUploadedFile("deed.pdf", DOCUMENT), "note": TYPED}
    answer = client.post(PATH, form)
    return answer.status_code, answer.content.decode()


def test_g7_a_document_sent_after_the_session_s_end_lies_nowhere(client: Client, files: list[str]) -> None:
    before = DossierDocument.objects.count()
    Session.objects.all().delete()
    status, page = send(client)
    assert (status, files) == (401, [])
    assert TYPED in page
    assert "选好的文件要重新选。" in page
    assert DossierDocument.objects.count() == before


def test_g7_a_document_sent_while_the_database_is_away_lies_nowhere(
    client: Client, files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: object, **named: object) -> None:
        raise OperationalError("the database is restarting")

    monkeypatch.setattr("cms.sessions.SessionStore.load", away)
    status, page = send(client)
    assert (status, files) == (503, [])
    assert TYPED in page
    assert "选好的文件要重新选。" in page
