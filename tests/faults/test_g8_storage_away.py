"""G8: a bucket that hangs or refuses is answered in words, soon, and holds nobody for long; nothing is lost."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from PIL import Image
from pytest_django import Settings

from casebook.models import CasePage
from cms.settings import storage as storage_settings
from media.models import Photo
from tests.conftest import World

WORDS = "存放照片和文件的服务器暂时没有应答，请过一会儿再试。您填写的内容没有丢失。"


@contextmanager
def silent() -> Iterator[tuple[int, list[socket.socket]]]:
    """A server that accepts and never answers: its port, and whom it holds so far."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        held: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1], held
        for one in held:
            one.close()


@contextmanager
def refusing() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    yield port


def bucket_at(settings: Settings, monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.setenv("S3_ENDPOINT", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("S3_KEY", "sample")
    monkeypatch.setenv("S3_SECRET", "sample-secret")
    made = storage_settings.storage("s3://nowhere", settings.FILES_ROOT)
    settings.STORAGES = settings.STORAGES | {"default": dict(made)}


def posted(client: Client, world: World, **headers: str) -> tuple[int, object]:
    made = BytesIO()
    Image.new("RGB", (640, 480)).save(made, "JPEG")
    answer = client.post(
        "/file/photos/",
        {
            "client_id": str(uuid4()),
            "estate": world.estate.pk,
            "record_date": "2026-11-20",
            "file": SimpleUploadedFile("a.jpg", made.getvalue()),
        },
        headers=headers,
    )
    return answer.status_code, answer


@pytest.fixture
def caller(world: World) -> Client:
    client = Client()
    client.force_login(world.editor, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_g8_the_bucket_s_waits_are_bounded(settings: Settings) -> None:
    config = storage_settings.storage("s3://b", settings.FILES_ROOT)["OPTIONS"]["client_config"]
    assert (config.connect_timeout, config.read_timeout) == (3, 15)  # type: ignore[attr-defined]
    assert config.retries == {"total_max_attempts": 2, "mode": "standard"}  # type: ignore[attr-defined]


def test_g8_a_refusing_bucket_is_said_in_words(
    world: World, caller: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with refusing() as port:
        bucket_at(settings, monkeypatch, port)
        status, answer = posted(caller, world, Accept="application/json")
    assert (status, answer.json()) == (503, {"error": WORDS})  # type: ignore[attr-defined]
    assert answer.headers["Retry-After"] == "15"  # type: ignore[attr-defined]
    assert not Photo.objects.exists()


def test_g8_a_hanging_bucket_holds_the_first_for_its_time_and_the_next_not_at_all(
    world: World, caller: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage_settings, "READ_SECONDS", 1)
    with silent() as (port, held):
        bucket_at(settings, monkeypatch, port)
        status, _answer = posted(caller, world)
        first = len(held)
        again, answer = posted(caller, world)
        second = len(held) - first
    assert (status, again) == (503, 503)
    assert (first, second) == (storage_settings.ATTEMPTS, 0)
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert WORDS in page
    assert 'name="record_date" value="2026-11-20"' in page
    assert "选好的文件要重新选。" in page
    assert not Photo.objects.exists()


def test_g8_a_page_in_english_asks_again_by_itself(
    world: World, caller: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: object, **named: object) -> None:
        raise OperationalError("the database is restarting")

    monkeypatch.setattr(CasePage.objects, "visible_to", away)
    answer = caller.get("/work/", headers={"Accept-Language": "en"})
    assert answer.status_code == 503
    page = answer.content.decode()
    assert '<meta http-equiv="refresh" content="5">' in page
    assert "The database does not answer at the moment" in page


def test_g8_what_breaks_before_the_view_is_said_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: object, **named: object) -> None:
        raise OperationalError("the database is restarting")

    client = Client(raise_request_exception=False)
    client.force_login(world.editor, backend="django.contrib.auth.backends.ModelBackend")
    monkeypatch.setattr("cms.sessions.SessionStore.load", away)
    answer = client.get("/work/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
