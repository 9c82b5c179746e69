"""From an issue to its mailing: checked, frozen, approved by a second person, begun, paused, cancelled."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256

from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from estates.models import Estate, User
from magazine import policies
from magazine.checklist import blocking_checks
from magazine.content import Content, photo_versions
from magazine.models import Edition, IssuePage, Mailing
from magazine.rendering.mail import mail_html, mail_text
from magazine.rendering.paper import magazine_pdf
from magazine.services.errors import MagazineError
from magazine.vocabulary import Interest, MailingKind, MailingState
from media.services import save_as

AHEAD = timedelta(days=90)


@transaction.atomic
def prepare_mailing(
    *, issue: IssuePage, by: User, estates: Collection[Estate] = (), interests: Collection[str] = (Interest.MAGAZINE,)
) -> Mailing:
    """Freeze the published version as it will be sent: later edits change nothing of it.

    Raises PermissionDenied; MagazineError for an issue that is not published, does not pass its checks, or has a
    mailing under way.
    """
    row = IssuePage.objects.select_for_update(of=("self",)).get(pk=issue.pk)
    if not policies.may_make_issues(by):
        raise PermissionDenied
    content = row.content
    _refuse_unfit(row, content)
    mailing = Mailing.objects.create(
        kind=MailingKind.ISSUE,
        subject=row.subject,
        issue=row,
        revision_id=row.live_revision_id,
        interests=list(interests),
        prepared_by=by,
    )
    mailing.estates.set(estates)
    _freeze(mailing, row, content)
    log(instance=row, action="magazine.prepared", user=by, data={"mailing": mailing.pk})
    return mailing


def _refuse_unfit(issue: IssuePage, content: Content) -> None:
    if not issue.live:
        raise MagazineError(_("这一期还没有发布。请先送审，发布后再定稿发送。"))
    if any(mailing.is_open for mailing in issue.mailings.all()):
        raise MagazineError(_("这一期已有一次发送在进行，请先完成或取消它。"))
    failed = [check.name for check in blocking_checks(content) if not check.is_good]
    if failed:
        raise MagazineError(_("还有检查没有通过：%(failed)s") % {"failed": _("、").join(failed)})


def _freeze(mailing: Mailing, issue: IssuePage, content: Content) -> Edition:
    edition = Edition(mailing=mailing)
    edition.pdf = f"magazine/{issue.month}/{edition.key}.pdf"
    links = edition.links(issue.full_url)
    edition.html, edition.text = mail_html(content, links), mail_text(content, links)
    pdf = magazine_pdf(content)
    edition.pdf_sha256 = sha256(pdf).hexdigest()
    edition.photos = photo_versions(content)
    save_as(edition.pdf, ContentFile(pdf))
    edition.save()
    return edition


@transaction.atomic
def approve_mailing(*, mailing: Mailing, by: User, at: datetime | None = None) -> Mailing:
    """A second person lets it out, now or at an hour to come. Raises PermissionDenied, MagazineError."""
    row = _held(mailing, MailingState.PREPARED)
    if not policies.may_approve(by):
        raise PermissionDenied
    if not policies.is_second_person(by, row):
        raise MagazineError(_("定稿和批准要由两个人做：请另一位客服经理批准。"))
    if not all(edition.photos_are_public for edition in row.editions.all()):
        raise MagazineError(_("定稿以后有照片被撤下或改过。请取消这次发送，重新定稿。"))
    now = timezone.now()
    if at and not now - timedelta(minutes=1) <= at <= now + AHEAD:
        raise MagazineError(_("发送时间要在今后 90 天内。"))
    row.state, row.approved_by, row.approved_at, row.scheduled_for = MailingState.APPROVED, by, now, at or now
    row.save(update_fields=["state", "approved_by", "approved_at", "scheduled_for"])
    _log(row, "magazine.approved", by)
    return row


@transaction.atomic
def cancel_mailing(*, mailing: Mailing, by: User) -> Mailing:
    """Before it has begun. Raises PermissionDenied, MagazineError."""
    row = _held(mailing, MailingState.PREPARED, MailingState.APPROVED)
    if not policies.may_make_issues(by):
        raise PermissionDenied
    row.state = MailingState.CANCELLED
    row.save(update_fields=["state"])
    _log(row, "magazine.cancelled", by)
    return row


@transaction.atomic
def pause_mailing(*, mailing: Mailing, by: User) -> Mailing:
    """The mail that is just being sent is the last one. Raises PermissionDenied, MagazineError."""
    return _turn(mailing, by, MailingState.SENDING, MailingState.PAUSED, "magazine.paused")


@transaction.atomic
def resume_mailing(*, mailing: Mailing, by: User) -> Mailing:
    """Raises PermissionDenied, MagazineError."""
    return _turn(mailing, by, MailingState.PAUSED, MailingState.SENDING, "magazine.resumed")


def _turn(mailing: Mailing, by: User, before: MailingState, after: MailingState, action: str) -> Mailing:
    row = _held(mailing, before)
    if not policies.may_make_issues(by):
        raise PermissionDenied
    row.state, row.trouble = after, ""
    row.save(update_fields=["state", "trouble"])
    _log(row, action, by)
    return row


def _held(mailing: Mailing, *states: MailingState) -> Mailing:
    row = Mailing.objects.select_for_update(of=("self",)).get(pk=mailing.pk)
    if row.state not in states:
        raise MagazineError(_("这次发送是“%(state)s”，现在不能这样做。") % {"state": row.get_state_display()})
    return row


def _log(mailing: Mailing, action: str, by: User) -> None:
    if mailing.issue:
        log(instance=mailing.issue, action=action, user=by, data={"mailing": mailing.pk})
