"""What waits for an administrator: parts that fail, mail that was not delivered, tasks that failed."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_tasks_db.models import DBTaskResult

from estates.requests import person
from operations.health import health
from outputs.models import OutgoingMail, OutgoingState
from outputs.outgoing.settling import drop_mail, opened_or_none, send_again

SHOWN = 100


@dataclass(frozen=True, slots=True)
class StuckMail:
    row: OutgoingMail
    subject: str
    recipient: str


def _administrator(request: HttpRequest) -> None:
    if not person(request).is_superuser:
        raise PermissionDenied(_("邮件和任务由系统管理员查看。"))


@require_safe
@never_cache
def operations(request: HttpRequest) -> HttpResponse:
    _administrator(request)
    waiting = OutgoingMail.objects.filter(state=OutgoingState.QUEUED)
    context = {
        "health": health(),
        "parts": {
            "search": _("检索"),
            "keys": _("密钥"),
            "disk": _("磁盘空间"),
            "files": _("写文件"),
            "database": _("写数据库"),
        },
        "waiting": waiting.count(),
        "oldest": waiting.order_by("queued_at").first(),
        "stuck": [_stuck(row) for row in OutgoingMail.objects.stuck()[:SHOWN]],
        "failed_tasks": DBTaskResult.objects.failed().order_by("-finished_at")[:SHOWN],
    }
    return render(request, "operations/operations.html", context)


def _stuck(row: OutgoingMail) -> StuckMail:
    """What it is about, as far as it can still be opened; the address is masked."""
    sealed = opened_or_none(row)
    if sealed is None:
        return StuckMail(row, "—", "—")
    return StuckMail(row, str(sealed.message["Subject"]), sealed.masked_recipient)


@require_POST
def settle_mail(request: HttpRequest, pk: int) -> HttpResponseBase:
    """`again` or `drop`."""
    _administrator(request)
    row = get_object_or_404(OutgoingMail.objects.stuck(), pk=pk)
    if request.POST.get("action") == "again":
        send_again(mail=row, by=person(request))
    else:
        drop_mail(mail=row, by=person(request))
    return redirect("operations")
