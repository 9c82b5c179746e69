"""A stranger who guesses at an outside link locks nobody out, and no log tells its token."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from casebook.factories import make_draft, publish
from casebook.models import LinkVisit, Project
from casebook.services.linking import MadeLink, make_link
from casebook.services.packing import build_pack, hand_over, start_project
from casebook.vocabulary import Library, ReviewStage
from tests.conftest import World
from vault.log_masking import MaskSecrets, masked

STRANGER, VISITOR = "203.0.113.7", "198.51.100.9"


@pytest.fixture
def made(world: World) -> MadeLink:
    draft = make_draft(world.editor, world.estate, world.company.design)
    publish(draft, by=world.editor, manager=world.manager, confirmer=world.designer)
    project = start_project(
        by=world.manager,
        project=Project(estate=world.estate, name="一期", climate="cold", components=["basement"]),
        demanding=[],
    )
    stage = project.stages.get(kind=ReviewStage.DRAWINGS)
    pack = hand_over(by=world.manager, pack=build_pack(by=world.manager, stage=stage, library=Library.DESIGN, cap=9))
    return make_link(by=world.manager, pack=pack, institute="示例设计院", disciplines=[], days=7)


def test_g14_wrong_codes_of_a_stranger_lock_nobody_else_out(made: MadeLink) -> None:
    address = f"/o/{made.token}/"
    for number in range(12):
        Client(REMOTE_ADDR=STRANGER).post(address, {"code": f"{number:08}"})
    right = Client(REMOTE_ADDR=VISITOR).post(address, {"code": made.code})
    assert (right.status_code, right.headers.get("Location")) == (302, f"{address}answer/")


def test_g14_a_stranger_waits_longer_and_longer(made: MadeLink) -> None:
    address = f"/o/{made.token}/"
    answers = [Client(REMOTE_ADDR=STRANGER).post(address, {"code": "wrong"}).status_code for _ in range(8)]
    assert answers == [422, 422, 422, 422, 429, 429, 429, 429]
    assert LinkVisit.objects.filter(act="wrong_code").count() == 5, "a try that has to wait is not compared"
    assert Client(REMOTE_ADDR=STRANGER).post(address, {"code": made.code}).status_code == 429
    LinkVisit.objects.update(at=timezone.now() - timedelta(seconds=6))
    again = Client(REMOTE_ADDR=STRANGER).post(address, {"code": "wrong"})
    assert (again.status_code, 5 < int(again["Retry-After"]) <= 10) == (429, True)
    LinkVisit.objects.update(at=timezone.now() - timedelta(minutes=6))
    assert Client(REMOTE_ADDR=STRANGER).post(address, {"code": made.code}).status_code == 302


def test_g14_one_household_of_ipv6_is_one_network(made: MadeLink) -> None:
    for number in range(5):
        Client(REMOTE_ADDR=f"2001:db8:1:2::{number:x}").post(f"/o/{made.token}/", {"code": "wrong"})
    asked = {"2001:db8:1:2:ffff::1": 429, "2001:db8:1:3::1": 302}
    for address, status in asked.items():
        answer = Client(REMOTE_ADDR=address).post(f"/o/{made.token}/", {"code": made.code})
        assert answer.status_code == status


def test_g14_the_session_is_another_after_the_code(made: MadeLink) -> None:
    browser = Client()
    session = browser.session
    session["before"] = "set"
    session.save()
    known = session.session_key
    browser.cookies[settings.SESSION_COOKIE_NAME] = known or ""
    assert browser.post(f"/o/{made.token}/", {"code": made.code}).status_code == 302
    assert browser.cookies[settings.SESSION_COOKIE_NAME].value not in ("", known)
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = known or ""
    assert thief.get(f"/o/{made.token}/answer/").headers["Location"] == f"/o/{made.token}/"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/o/zB3x_Y9kQmLrT2vW8nPdA5sHgF7jKc4e/answer/", "/o/…/answer/"),
        ("/magazine/confirm/k3Jx9_dQTz1mBvRw8pLsNa/", "/magazine/confirm/…/"),
        ("/magazine/leave/0123456789abcdef0123456789abcdef/", "/magazine/leave/…/"),
        ("/search/end/Mg:1vXabc:0q3T_-zXk9RmPwLsNaBdQTz1mBvRw8pLsNaQQ/", "/search/end/…/"),
        ("/password/reset/MQ/c9x0y1-0123456789abcdef0123456789abcdef/", "/password/reset/MQ/…/"),
        ("/search/?q=张三 13800000000", "/search/?… 13800000000"),
        ("/search/?q=%E5%BC%A0", "/search/?…"),
        ("/c/YLW-AL-2026-00001/sheet/", "/c/YLW-AL-2026-00001/sheet/"),
        ("/static/casebook/workbench.0123456789ab.css", "/static/casebook/workbench.0123456789ab.css"),
        ("GET /o/zB3x_Y9kQmLrT2vW8nPdA5sHgF7jKc4e/ HTTP/1.1", "GET /o/…/ HTTP/1.1"),
    ],
)
def test_g14_tokens_and_queries_are_masked(path: str, told: str) -> None:
    assert masked(path) == told


def test_g14_no_log_of_the_site_tells_a_token(made: MadeLink) -> None:
    handlers: dict[str, dict[str, list[str]]] = settings.LOGGING["handlers"]  # type: ignore[assignment]
    assert all("mask_secrets" in handler["filters"] for handler in handlers.values())
    record = logging.LogRecord("django.request", 30, "", 0, "Not Found: %s", (f"/o/{made.token}/x/",), None)
    assert MaskSecrets().filter(record)
    assert record.getMessage() == "Not Found: /o/…/x/"
