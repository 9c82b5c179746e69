"""The magazine's own page, and a new issue of it."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from estates.models import User
from magazine import policies
from magazine.models import IssuePage, MagazineIndexPage
from website.services.founding import found_website


@transaction.atomic
def found_magazine() -> MagazineIndexPage:
    """The magazine's page on the website; made if it is not there."""
    found = MagazineIndexPage.objects.first()
    if found is None:
        home = found_website()
        page = MagazineIndexPage(title=_("会刊"), slug="magazine", show_in_menus=True)
        found = home.add_child(instance=page)
    return found


def next_issue() -> tuple[str, int]:
    """The month and the number that the next issue has."""
    latest = IssuePage.objects.order_by("-month", "-number").first()
    today = timezone.localdate()
    month = f"{today:%Y-%m}"
    if latest and latest.month >= month:
        month = _month_after(latest.month)
    highest = IssuePage.objects.order_by("-number").values_list("number", flat=True).first()
    return month, (highest or 0) + 1


def _month_after(month: str) -> str:
    year, number = (int(part) for part in month.split("-"))
    return f"{date(year + number // 12, number % 12 + 1, 1):%Y-%m}"


@transaction.atomic
def start_issue(*, by: User) -> IssuePage:
    """A draft of the next issue. Raises PermissionDenied."""
    if not policies.may_make_issues(by):
        raise PermissionDenied
    parent = found_magazine()
    MagazineIndexPage.objects.select_for_update(of=("self",)).get(pk=parent.pk)
    month, number = next_issue()
    issue = IssuePage(
        title=_("%(month)s 号") % {"month": month}, slug=month, month=month, number=number, live=False, owner=by
    )
    parent.refresh_from_db()
    made: IssuePage = parent.add_child(instance=issue)
    made.save_revision(user=by, log_action="wagtail.create")
    return made
