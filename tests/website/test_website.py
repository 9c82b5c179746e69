"""The public website: written by editors, let out by a second person, read by everybody; records are not on it."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone
from wagtail.models import Page, TaskState, WorkflowState
from wagtail.rich_text import RichText

from casebook.factories import make_draft, publish
from estates.factories import make_person
from estates.models import User
from estates.roles import Role
from magazine.services.starting import found_magazine
from search import index
from tests.conftest import World
from tests.magazine.conftest import make_published
from website.documents import KIND, PUBLIC
from website.models import ArticlePage, HandbookPage, HomePage, ListingPage, NoticePage, PublicPage
from website.services.deciding import PageError, approve_page, return_page
from website.services.founding import found_website


@pytest.fixture
def home(world: World) -> HomePage:
    return found_website()


def under(parent: PublicPage, page: PublicPage, by: User, *, live: bool = True) -> PublicPage:
    page.live, page.owner = False, by
    parent.refresh_from_db()
    parent.add_child(instance=page)
    revision = page.save_revision(user=by)
    if live:
        revision.publish(skip_permission_checks=True)
    page.refresh_from_db()
    return page


def make_article(home: HomePage, by: User, *, live: bool = True, **changes: object) -> PublicPage:
    fields = {"title": "采暖季前", "slug": "heating", "summary": "试水、排气。"} | changes
    page = ArticlePage(**fields)
    page.body = [("text", RichText("<p>打开分水器总阀。</p>"))]
    return under(home, page, by, live=live)


def test_founding_twice_is_founding_once(home: HomePage) -> None:
    assert found_website() == home
    assert HomePage.objects.count() == 1
    assert home.get_workflow().name == "公开内容审核"


def test_a_published_page_is_everybodys_and_says_what_it_is(home: HomePage, world: World, client: Client) -> None:
    page = make_article(home, world.editor)
    answer = client.get("/site/heating/")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert set(answer["Cache-Control"].split(", ")) == {"max-age=60", "public"}
    assert "打开分水器总阀。" in html
    assert '<meta property="og:title" content="采暖季前">' in html
    assert f'<link rel="canonical" href="{page.full_url}">' in html
    told = re.search(r'<script type="application/ld\+json">(.*?)</script>', html)
    assert told
    assert json.loads(told[1])["headline"] == "采暖季前"
    assert page.full_url in client.get("/sitemap.xml").content.decode()
    assert "Disallow: /" in client.get("/robots.txt").content.decode()


def test_drafts_and_records_have_no_public_address(home: HomePage, world: World, client: Client) -> None:
    make_article(home, world.editor, live=False)
    case = publish(
        make_draft(world.editor, world.estate, world.company.design),
        by=world.editor,
        manager=world.manager,
        confirmer=world.designer,
    )
    for path in ("/site/heating/", f"/site/{case.slug}/", f"/site{case.url_path}", "/site/case-library/"):
        assert client.get(path).status_code == 404
        client.force_login(world.designer)
        assert client.get(path).status_code == 404
        client.logout()
    assert case.slug not in client.get("/sitemap.xml").content.decode()


def test_the_sites_search_finds_public_pages_and_nothing_else(home: HomePage, world: World, client: Client) -> None:
    page = make_article(home, world.editor)
    publish(
        make_draft(world.editor, world.estate, world.company.design, description="分水器渗漏"),
        by=world.editor,
        manager=world.manager,
        confirmer=world.designer,
    )
    html = client.get("/site/search/?q=分水器").content.decode()
    assert ("采暖季前" in html, "找到 1 页" in html) == (True, True)
    client.force_login(world.editor)
    assert "采暖季前" not in client.get("/search/?q=分水器").content.decode(), "staff's search is of records"
    page.unpublish()
    assert "没有找到" in client.get("/site/search/?q=分水器").content.decode()
    query = index.parse("分水器", audience=PUBLIC, kinds=frozenset({KIND}))
    assert index.count(query) == 0
    assert client.get("/site/search/?q=" + "%22(" * 40).status_code == 200


def submitted(page: PublicPage, by: User) -> TaskState:
    return page.get_workflow().start(page, by).current_task_state


def test_a_second_person_lets_it_out(home: HomePage, world: World, client: Client) -> None:
    page = make_article(home, world.editor, live=False)
    state = submitted(page, world.editor)
    for user, status in ((world.editor, 403), (world.designer, 404)):
        client.force_login(user)
        assert client.post(f"/website/review/{state.pk}/", {"approve": "1"}).status_code == status
        with pytest.raises(PermissionDenied):
            state.task.specific.on_action(state, user, "approve")
    assert not ArticlePage.objects.get(pk=page.pk).live
    client.force_login(world.manager)
    assert "等我看过的公开页面" in client.get("/work/").content.decode()
    assert "打开分水器总阀。" in client.get(f"/website/review/{state.pk}/page/").content.decode()
    assert client.post(f"/website/review/{state.pk}/", {"approve": "1"}).status_code == 302
    assert ArticlePage.objects.get(pk=page.pk).live
    assert WorkflowState.objects.get(pk=state.workflow_state_id).status == WorkflowState.STATUS_APPROVED
    with pytest.raises(PageError, match="已经处理过"):
        approve_page(state=state, by=world.manager)


def test_a_page_goes_back_with_a_reason(home: HomePage, world: World) -> None:
    page = make_article(home, world.editor, live=False)
    state = submitted(page, world.editor)
    with pytest.raises(PageError, match="要改什么"):
        return_page(state=state, by=world.manager, reason=" ")
    return_page(state=state, by=world.manager, reason="请补充日期")
    assert WorkflowState.objects.get(pk=state.workflow_state_id).status == WorkflowState.STATUS_NEEDS_CHANGES
    assert not ArticlePage.objects.get(pk=page.pk).live


def test_a_manager_does_not_approve_his_own_version(home: HomePage, world: World) -> None:
    other = make_person("manager-2", Role.MANAGER, department=world.company.service, estate=world.estate)
    page = make_article(home, world.manager, live=False)
    state = submitted(page, world.manager)
    with pytest.raises(PermissionDenied):
        approve_page(state=state, by=world.manager)
    assert not ArticlePage.objects.get(pk=page.pk).live
    approve_page(state=state, by=other)
    assert ArticlePage.objects.get(pk=page.pk).live


def test_what_was_approved_for_an_hour_to_come_waits_for_it(home: HomePage, world: World) -> None:
    page = make_article(home, world.editor, live=False)
    page.go_live_at = timezone.now() + timedelta(hours=2)
    page.save_revision(user=world.editor)
    approve_page(state=submitted(page, world.editor), by=world.manager)
    row = ArticlePage.objects.get(pk=page.pk)
    assert (row.live, row.approved_schedule) == (False, True)


def test_the_handbook_is_read_from_chapter_to_chapter(home: HomePage, world: World, client: Client) -> None:
    book = under(home, HandbookPage(title="会员手册", slug="handbook", show_in_menus=True), world.editor)
    for place in (1, 2):
        under(book, HandbookPage(title=f"第{place}章", slug=f"c{place}"), world.editor)
    html = client.get("/site/handbook/c1/").content.decode()
    assert (
        '<a rel="prev" href="/site/handbook/">← 会员手册</a><a rel="next" href="/site/handbook/c2/">第2章 →</a>' in html
    )
    assert '<a href="/site/handbook/">会员手册</a>' in client.get("/site/").content.decode(), "in the menu"


def test_a_notice_leaves_the_first_page_when_it_is_over(home: HomePage, world: World, client: Client) -> None:
    today = timezone.localdate()
    under(home, NoticePage(title="停水通知", slug="n1", valid_until=today), world.editor)
    under(home, NoticePage(title="旧通知", slug="n2", valid_until=today - timedelta(days=1)), world.editor)
    html = client.get("/site/").content.decode()
    assert ("停水通知" in html, "旧通知" in html) == (True, False)
    assert "已过期" in client.get("/site/n2/").content.decode()


def test_a_listing_turns_pages(home: HomePage, world: World, client: Client) -> None:
    listing = under(home, ListingPage(title="文章", slug="news"), world.editor)
    assert "这里还没有文章。" in client.get("/site/news/").content.decode()
    for place in range(21):
        under(listing, ArticlePage(title=f"第{place}篇", slug=f"a{place}"), world.editor)
    assert "1 / 2" in client.get("/site/news/").content.decode()
    assert "2 / 2" in client.get("/site/news/?page=99").content.decode()


def test_issues_are_listed_and_fed(home: HomePage, world: World, client: Client) -> None:
    assert client.get("/magazine/feed.rss").status_code == 404
    magazine = found_magazine()
    issue = make_published(world.editor, title="入冬前")
    magazine.refresh_from_db()
    magazine.save_revision(user=world.editor).publish(skip_permission_checks=True)
    for feed in ("/magazine/feed.rss", "/magazine/feed.atom"):
        told = client.get(feed).content.decode()
        assert ("入冬前" in told, issue.full_url in told) == (True, True)
    assert "入冬前" in client.get("/site/magazine/").content.decode()
    assert Page.objects.live().count() >= 2


def test_writers_may_edit_in_the_admin_and_only_managers_publish(home: HomePage, world: World, client: Client) -> None:
    page = make_article(home, world.editor, live=False)
    may = [
        (page.permissions_for_user(user).can_edit(), page.permissions_for_user(user).can_publish())
        for user in (world.editor, world.manager, world.designer)
    ]
    assert may == [(True, False), (True, True), (False, False)]
    client.force_login(world.editor)
    assert client.get(f"/admin/pages/{page.pk}/edit/").status_code == 200
