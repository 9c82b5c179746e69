"""Numbers of lists, weight, and soft returns reach every reader of an issue."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from magazine.content import content_of
from magazine.models import IssuePage
from magazine.rendering.mail import mail_text
from magazine.rendering.paper import letter_pdf, magazine_pdf
from tests.conftest import World
from tests.magazine.conftest import article, letter, make_issue, make_published
from tests.magazine.test_issues import LINKS, pdf_text
from website.reading import paragraphs_of

STEPS = "<ol><li>先看水</li><li>再看<b>电</b></li></ol><p>然后</p><ol><li>看窗</li></ol><ul><li>看门</li></ul>"


def test_e11_an_ordered_list_is_numbered_as_text_and_on_paper(world: World) -> None:
    issue = make_issue(world.editor, article(html=STEPS), letter(html=STEPS))
    content = content_of(issue.get_latest_revision_as_object())
    text = mail_text(content, LINKS)
    for line in ("1. 先看水", "2. 再看电", "1. 看窗", "· 看门"):
        assert line in text
    for pdf in (magazine_pdf(content), letter_pdf(content)):
        words = pdf_text(pdf).replace(" ", "")
        assert "1.先看水" in words
        assert "2.再看电" in words
        assert "◦" not in words


def test_e11_items_are_counted_list_by_list() -> None:
    assert [one.get("number") for one in paragraphs_of(STEPS)] == [1, 2, None, 1, None]


def test_e11_a_soft_return_stored_before_breaks_no_feed(world: World, client: Client) -> None:
    issue = make_published(world.editor, article())
    IssuePage.objects.filter(pk=issue.pk).update(summary="第一行\u000b第二行\u0001\ufffe", title="入\u000b冬前")
    for feed in feeds(client):
        assert "第一行" in ET.tostring(ET.fromstring(feed), encoding="unicode")  # noqa: S314


@given(summary=st.text(max_size=40), title=st.text(max_size=20))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_e11_every_feed_parses(published_issue: IssuePage, summary: str, title: str) -> None:
    text = (summary + title).encode("utf-8", "ignore").decode().replace("\0", "")
    IssuePage.objects.filter(pk=published_issue.pk).update(summary=text[:180], title=f"题{text}"[:200])
    for feed in feeds(Client()):
        ET.fromstring(feed)  # noqa: S314


@pytest.fixture
def published_issue(world: World) -> IssuePage:
    return make_published(world.editor, article())


def test_e11_a_soft_return_is_a_line_end_once_it_is_saved(world: World) -> None:
    issue = make_issue(world.editor, article(html="<p>一\u000b二\u200b</p>"))
    issue.summary = "第一行\u000b第二行"
    issue.save_revision(user=world.editor)
    draft = IssuePage.objects.get(pk=issue.pk).get_latest_revision_as_object()
    assert draft.summary == "第一行\n第二行"
    assert "\u000b" not in str(draft.body.get_prep_value())


def feeds(client: Client) -> list[bytes]:

    answers = [client.get(reverse(name)) for name in ("magazine:feed", "magazine:atom")]
    assert [answer.status_code for answer in answers] == [200, 200]
    return [answer.content for answer in answers]
