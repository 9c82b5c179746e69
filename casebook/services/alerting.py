"""Searches that go on: a person is told once of each new record that one of his searches finds and that he may see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override
from django_tasks import task

from casebook.asking import query_of
from casebook.ending import ending_address
from casebook.models import Alert, Cadence, CasePage, ChangedCase, SavedSearch
from casebook.models.following import LONGEST_ASKED, LONGEST_NAME
from casebook.services.errors import CaseError
from casebook.services.wording import tidy
from estates.models import User
from exchange.mail import mail_users
from search import index
from search.synonyms import is_private

MOST_SEARCHES = 30
NAMED = 10
"""So many numbers stand in a mail; the rest is a count and an address."""

ROUND = 500
QUIET = timedelta(minutes=10)
"""Between two mails to the same person."""


@transaction.atomic
def save_search(*, by: User, name: str, asked: str, cadence: str) -> SavedSearch:
    """Go on with the search of that address. What it finds now is known already. Raises CaseError."""
    named = tidy(" ".join(name.split()), LONGEST_NAME)
    if not named:
        raise CaseError(_("请给这个查询起个名称。"))
    if cadence not in Cadence.values:
        raise CaseError(_("请选择怎样通知。"))
    if not asked or len(asked) > LONGEST_ASKED:
        raise CaseError(_("请先输入词语或选择范围，再保存。"))
    for text in (QueryDict(asked).get("q", ""), named):
        if is_private(by, text):
            raise CaseError(_("像是姓名、电话或证件号码的查询和名称不能保存。"))
    mine = SavedSearch.objects.filter(user=by)
    if mine.filter(ended_at=None).exclude(asked=asked).count() >= MOST_SEARCHES:
        raise CaseError(_("最多保存 %(most)d 个查询，请先删除不用的。") % {"most": MOST_SEARCHES})
    known = index.found_by(query_of(by, asked))
    saved, _made = SavedSearch.objects.update_or_create(
        user=by, asked=asked, defaults={"name": named, "cadence": cadence, "known": known, "ended_at": None}
    )
    return saved


def change_search(*, by: User, search: SavedSearch, cadence: str) -> None:
    """Raises PermissionDenied, CaseError."""
    _refuse_foreign(by, search)
    if cadence not in Cadence.values:
        raise CaseError(_("请选择怎样通知。"))
    SavedSearch.objects.filter(pk=search.pk).update(cadence=cadence)


def resume_search(*, by: User, search: SavedSearch) -> None:
    """Alerts again, of what is new from now on. Raises PermissionDenied."""
    _refuse_foreign(by, search)
    known = index.found_by(query_of(by, search.asked))
    SavedSearch.objects.filter(pk=search.pk).update(ended_at=None, known=known)


def delete_search(*, by: User, search: SavedSearch) -> None:
    """With its alerts. Raises PermissionDenied."""
    _refuse_foreign(by, search)
    search.delete()


def _refuse_foreign(by: User, search: SavedSearch) -> None:
    if search.user_id != by.pk:
        raise PermissionDenied


def end_search(search: SavedSearch) -> None:
    """No more alerts of it: by whoever holds the address that only its mails name."""
    SavedSearch.objects.filter(pk=search.pk, ended_at=None).update(ended_at=timezone.now())


def see_alerts(*, by: User, case: CasePage | None = None) -> None:
    """Those about one case, which he opened; or all."""
    waiting = Alert.objects.filter(user=by, seen_at=None)
    (waiting.filter(case=case) if case else waiting).update(seen_at=timezone.now())


def note_changed(cases: Iterable[int]) -> None:
    """Cases that somebody may see from now on, or that say something else; in the caller's transaction."""
    if not SavedSearch.objects.filter(ended_at=None).exists():
        return
    ChangedCase.objects.bulk_create(ChangedCase(case_id=pk) for pk in cases)
    transaction.on_commit(look_for_news.enqueue)


@task()
def look_for_news() -> None:
    find_news()


def find_news() -> int:
    """Ask every saved search about what changed; mail what is wanted at once. Returns how many alerts are new."""
    count = 0
    while changed := list(ChangedCase.objects.order_by("pk")[:ROUND]):
        cases = sorted({row.case_id for row in changed})
        with transaction.atomic():
            for search in SavedSearch.objects.filter(ended_at=None).select_related("user").order_by("pk"):
                count += _ask(search, cases)
            ChangedCase.objects.filter(pk__in=[row.pk for row in changed]).delete()
    mail_alerts(Cadence.AT_ONCE)
    return count


def _ask(search: SavedSearch, cases: Iterable[int]) -> int:
    """Who left, or lost his roles, sees nothing and hears nothing."""
    if not search.user.is_active:
        return 0
    fresh = set(cases).difference(search.known)
    found = index.found_by(query_of(search.user, search.asked), among=fresh) if fresh else []
    told = set(Alert.objects.filter(user=search.user, case__in=found).values_list("case", flat=True))
    visible = CasePage.objects.visible_to(search.user).exclude(owner=search.user).filter(pk__in=set(found) - told)
    made = [Alert(user=search.user, case_id=pk, search=search) for pk in visible.values_list("pk", flat=True)]
    Alert.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def mail_alerts(cadence: Cadence) -> int:
    """One mail to each person with news of searches of that cadence, about what he may still see. Whoever got one less
    than QUIET ago gets the rest together, later. Returns how many mails."""
    waiting = Alert.objects.filter(search__cadence=cadence, search__ended_at=None, mailed_at=None, seen_at=None)
    waiting = waiting.filter(user__is_active=True)
    mails, left = 0, False
    for user in User.objects.filter(pk__in=waiting.order_by().values("user")):
        if Alert.objects.filter(user=user, mailed_at__gt=timezone.now() - QUIET).exists():
            left = True
            continue
        with transaction.atomic():
            rows = list(waiting.select_for_update(of=("self",)).filter(user=user).select_related("search"))
            Alert.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=timezone.now())
            visible = CasePage.objects.visible_to(user).filter(pk__in=[row.case_id for row in rows])
            if cases := list(visible.order_by("-pk")):
                _mail(user, rows, cases)
                mails += 1
    if left and look_for_news.get_backend().supports_defer:
        look_for_news.using(run_after=timezone.now() + QUIET).enqueue()
    return mails


def _mail(user: User, rows: Iterable[Alert], cases: Sequence[CasePage]) -> None:
    """Numbers and addresses only: what a case says stays behind the sign-in."""
    searches = {row.search_id: row.search for row in rows}
    with override(user.language or settings.LANGUAGE_CODE):
        count = len(cases)
        lines = [f"{case.number or _('草稿')}  {settings.SITE_URL}{case.get_absolute_url()}" for case in cases[:NAMED]]
        if count > NAMED:
            more = ngettext("还有 %(n)d 份，见：", "还有 %(n)d 份，见：", count - NAMED) % {"n": count - NAMED}
            lines.append(f"{more}{settings.SITE_URL}{reverse('casebook:mine')}")
        for search in searches.values():
            address = f"{settings.SITE_URL}{ending_address(search)}"
            lines.append(_("不再接收“%(name)s”的通知：%(address)s") % {"name": search.name, "address": address})
        subject = ngettext("您关注的查询有 %(n)d 份新案例", "您关注的查询有 %(n)d 份新案例", count) % {"n": count}
        mail_users([user.pk], subject=subject, body="\n".join([*lines, ""]))
