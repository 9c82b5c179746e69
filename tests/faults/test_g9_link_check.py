"""Links of an issue are asked for by the worker; no page waits for another site."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from django.test import Client
from pytest_django import Settings
from wagtail.rich_text import RichText

from magazine.link_asking import outside_problem
from magazine.models import IssuePage
from tests.conftest import World
from tests.magazine.conftest import article, make_issue

PUBLIC = "93.184.216.34"


@contextmanager
def site_that_answers(speak: Callable[[socket.socket], None]) -> Iterator[tuple[int, list[bytes]]]:
    """A server on loopback; the port, and what it was asked."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    opened, _address = server.accept()
                except OSError:
                    return
                asked.append(opened.recv(4096))
                speak(opened)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1], asked


def leads_to(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every name has a public address, and what is said to that address arrives at the server of the test."""

    def dial(to: tuple[str, int], *rest: object, **more: object) -> socket.socket:
        opened = socket.socket()
        opened.settimeout(20)
        opened.connect(("127.0.0.1", port))
        return opened

    monkeypatch.setattr(socket, "getaddrinfo", lambda host, asked, *rest, **more: [(2, 1, 6, "", (PUBLIC, asked))])
    monkeypatch.setattr(socket, "create_connection", dial)


def issue_with_links(world: World, *hrefs: str) -> IssuePage:
    html = "".join(f'<p><a href="{href}">链接</a></p>' for href in hrefs)
    kind, body = article(html=html)
    assert isinstance(body["body"], RichText)
    return make_issue(world.editor, (kind, body))


def silent(opened: socket.socket) -> None:
    time.sleep(20)
    opened.close()


def drop_by_drop(opened: socket.socket) -> None:
    try:
        for drop in "HTTP/1.1 200 " + "slowly " * 10:
            opened.sendall(drop.encode())
            time.sleep(0.5)
    except OSError:
        return


def test_g9_the_page_of_an_issue_waits_for_no_other_site(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(world.editor)
    with site_that_answers(silent) as (port, asked):
        issue = issue_with_links(world, "http://slow.example.com/", "http://slow2.example.com/")
        leads_to(port, monkeypatch)
        page = client.get(f"/magazine/issue/{issue.pk}/")
        assert (page.status_code, asked) == (200, [])
    assert "链接还没有检查。" in page.content.decode()


def test_g9_the_worker_asks_and_the_page_tells_what_it_found(
    world: World,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[list[object]]],
) -> None:
    client.force_login(world.editor)

    def speak(opened: socket.socket) -> None:
        opened.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        opened.close()

    with site_that_answers(speak) as (port, asked):
        issue = issue_with_links(world, "http://gone.example.com/page?a=1", "mailto:kefu@example.com")
        leads_to(port, monkeypatch)
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post(f"/magazine/issue/{issue.pk}/links/").status_code == 302
        assert asked[0].split(b"\r\n")[0] == b"HEAD /page?a=1 HTTP/1.1"
        assert b"Host: gone.example.com" in asked[0]
        page = client.get(f"/magazine/issue/{issue.pk}/").content.decode()
    assert "http://gone.example.com/page?a=1（对方回答 404）" in page
    assert "再检查一次链接" in page
    other = issue.get_latest_revision_as_object()
    kind, body = article(html='<p><a href="http://other.example.com/">链接</a></p>')
    other.body = [(kind, body)]
    other.save_revision()
    assert "检查以后链接有改动" in client.get(f"/magazine/issue/{issue.pk}/links/").content.decode()


def test_g9_a_site_that_answers_drop_by_drop_holds_nobody_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with site_that_answers(drop_by_drop) as (port, _asked):
        leads_to(port, monkeypatch)
        begun = time.monotonic()
        assert outside_problem("http://slow.example.com/", seconds=2) == "对方没有回答"
        assert time.monotonic() - begun < 15


def test_g9_a_check_that_was_asked_for_is_queued_not_made(
    world: World, client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
    client.force_login(world.editor)
    issue = issue_with_links(world, "http://slow.example.com/")
    monkeypatch.setattr(socket, "create_connection", lambda *rest, **more: pytest.fail("asked in the request"))
    assert client.post(f"/magazine/issue/{issue.pk}/links/").status_code == 302
    assert "0 / 1" in client.get(f"/magazine/issue/{issue.pk}/").content.decode()
    client.force_login(world.reader)
    assert client.post(f"/magazine/issue/{issue.pk}/links/").status_code == 403
