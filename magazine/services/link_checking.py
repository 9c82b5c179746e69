"""Other sites are asked in the worker whether the links of an issue lead somewhere; a page only shows what it found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from hashlib import sha256
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django_tasks import task
from wagtail.models import Page

from estates.models import User
from magazine import policies
from magazine.link_asking import outside_problem
from magazine.models import IssuePage, LinkCheck

Links = Sequence[tuple[str, str]]
"""Where a link stands, in words, and where it leads."""

AT_ONCE = 8
LONGEST_SECONDS = 300
"""For all links of an issue; those that were not asked for until then did not answer."""


def digest_of(links: Links) -> str:
    return sha256(json.dumps(sorted({href for _place, href in links})).encode()).hexdigest()


@transaction.atomic
def ask_for_link_check(*, issue: IssuePage, by: User) -> LinkCheck:
    """Have the worker look at the latest version; one that is under way goes on. Raises PermissionDenied."""
    if not policies.may_make_issues(by):
        raise PermissionDenied
    links = _links(issue)
    ended = {"finished_at": timezone.now()}
    row, _made = LinkCheck.objects.select_for_update().get_or_create(issue=issue, defaults=ended)
    if row.is_running:
        return row
    row.digest, row.total, row.done, row.problems = digest_of(links), len(links), 0, []
    row.asked_by, row.asked_at, row.finished_at = by, timezone.now(), None
    row.save()
    transaction.on_commit(partial(check_links.enqueue, row.pk))
    return row


@task()
def check_links(pk: int) -> None:
    """Twice does no harm: the later answer stands."""
    row = LinkCheck.objects.select_related("issue", "asked_by").get(pk=pk)
    language = row.asked_by.language if row.asked_by else ""
    with override(language or settings.LANGUAGE_CODE):
        links = _links(row.issue)
        LinkCheck.objects.filter(pk=pk).update(digest=digest_of(links), total=len(links), done=0)
        problems = dead_links(links, lambda done: LinkCheck.objects.filter(pk=pk).update(done=done))
    LinkCheck.objects.filter(pk=pk).update(problems=problems, done=len(links), finished_at=timezone.now())


def _links(issue: IssuePage) -> list[tuple[str, str]]:
    draft = issue.get_latest_revision_as_object()
    return list(dict.fromkeys(draft.content.links))


def dead_links(links: Links, tell: Callable[[int], object] = lambda done: None) -> list[str]:
    """Links that lead nowhere, in words with their place. Links to other sites are asked for, several at once; `tell`
    is told how many are done."""
    known = dict(_near(href for _place, href in links))
    far = list(dict.fromkeys(href for _place, href in links if href not in known))
    tell(len(known))
    for done, (href, problem) in enumerate(_far(far), start=len(known) + 1):
        known[href] = problem
        tell(done)
    unheard = _("对方没有回答")
    return [f"{place}：{href}（{why}）" for place, href in links if (why := known.get(href, unheard))]


def _near(hrefs: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Links that nobody need be asked about, with their problem."""
    own = urlsplit(settings.SITE_URL).netloc
    for href in hrefs:
        parts = urlsplit(href)
        if parts.scheme in ("mailto", "tel"):
            yield href, ""
        elif parts.scheme not in ("http", "https") or not parts.hostname:
            yield href, _("不是完整的网址")
        elif parts.netloc == own:
            yield href, "" if _is_ours(parts.path) else _("本站没有这一页")


def _far(hrefs: Sequence[str]) -> Iterator[tuple[str, str]]:
    language = get_language() or settings.LANGUAGE_CODE
    pool = ThreadPoolExecutor(AT_ONCE)
    asked = {pool.submit(_in_language, language, href): href for href in hrefs}
    try:
        for future in as_completed(asked, timeout=LONGEST_SECONDS):
            yield asked[future], future.result()
    except TimeoutError:
        return
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _in_language(language: str, href: str) -> str:
    with override(language):
        return outside_problem(href)


def _is_ours(path: str) -> bool:
    try:
        match = resolve(path)
    except Resolver404:
        return False
    if match.url_name != "wagtail_serve":
        return True
    slug = path.rstrip("/").rpartition("/")[2]
    return any(page.url_path.endswith(f"/{match.args[0]}") for page in Page.objects.live().filter(slug=slug))
