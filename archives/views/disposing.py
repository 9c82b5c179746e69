"""Disposal lists: drawn up, decided item by item by two people, carried out, certified; and holds."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from archives import policies
from archives.certificate import disposal_certificate
from archives.life_vocabulary import Decision, Disposal
from archives.models import DisposalList, Hold
from archives.retention import is_held
from archives.services.disposing import decide_items, prepare_disposal, run_disposal
from archives.services.errors import DossierError
from archives.services.holding import end_tenure, lift_hold, set_hold
from archives.views.acts import day_of
from archives.views.doors import dossier_or_404, pdf_answer, private, reader_of
from estates.access import reach_of
from estates.models import Estate, User
from estates.requests import person, whole_number
from estates.roles import Role

PREFIX = "item-"


@require_http_methods(["GET", "POST"])
@private
def disposals(request: HttpRequest) -> HttpResponseBase:
    """Every list that the person may see; a POST draws one up for an estate."""
    user = person(request)
    reach = policies.may_see_disposals(user)
    if not reach:
        raise PermissionDenied(_("销毁清册由档案管理员、客服经理、分管领导和审计查看。"))
    estates = Estate.objects.filter(reach_of(user, {Role.ARCHIVIST}).q("pk"))
    if request.method == "POST":
        estate = get_object_or_404(estates, pk=whole_number(request.POST.get("estate")))
        try:
            made = prepare_disposal(by=user, estate=estate)
        except DossierError as error:
            messages.error(request, str(error))
            return redirect("archives:disposals")
        return redirect("archives:disposal", made.pk)
    rows = DisposalList.objects.filter(reach.q("estate")).select_related("estate", "made_by", "run_by")
    return render(request, "archives/disposals.html", {"rows": rows, "estates": estates})


@require_http_methods(["GET", "POST"])
@private
def disposal(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One list; a POST decides on items, or carries it out."""
    user = person(request)
    found = get_object_or_404(_seen(user), pk=pk)
    if request.method == "POST":
        try:
            _act(request, found)
        except DossierError as error:
            messages.error(request, str(error))
        return redirect("archives:disposal", pk)
    items = found.items.select_related("dossier__unit", "dossier__estate", "dossier__tenure", "first_by", "second_by")
    context = {
        "disposal": found,
        "items": [(item, item.state == Disposal.WAITING and is_held(item.dossier)) for item in items],
        "decisions": Decision.choices,
        "appraises": policies.may_appraise_on(user, found.estate),
        "may_decide": found.run_at is None and _may_decide(user, found),
    }
    return render(request, "archives/disposal.html", context)


def _seen(user: User) -> QuerySet[DisposalList]:
    reach = policies.may_see_disposals(user)
    if not reach:
        raise PermissionDenied(_("销毁清册由档案管理员、客服经理、分管领导和审计查看。"))
    return DisposalList.objects.filter(reach.q("estate")).select_related("estate", "made_by", "run_by")


def _may_decide(user: User, found: DisposalList) -> bool:
    return policies.may_appraise_on(user, found.estate) or policies.may_approve_disposal_on(user, found.estate)


def _act(request: HttpRequest, found: DisposalList) -> None:
    if request.POST.get("action") == "run":
        run_disposal(reader=reader_of(request), disposal=found)
        messages.success(request, _("已执行。证明可以打印。"))
        return
    decisions = {
        whole_number(name.removeprefix(PREFIX)): value
        for name in request.POST
        if name.startswith(PREFIX) and (value := request.POST.get(name, ""))
    }
    count = decide_items(by=person(request), disposal=found, decisions=decisions)
    messages.success(request, ngettext("已记下 %(n)d 项决定。", "已记下 %(n)d 项决定。", count) % {"n": count})


@require_POST
@private
def certificate(request: HttpRequest, pk: int) -> HttpResponseBase:
    found = get_object_or_404(_seen(person(request)), pk=pk)
    return pdf_answer(disposal_certificate(found), str(found))


@require_POST
@private
def hold(request: HttpRequest, key: str) -> HttpResponseBase:
    """Set a hold, or lift one."""
    found, reader = dossier_or_404(request, key), reader_of(request)
    lifted = whole_number(request.POST.get("lift"))
    try:
        if lifted:
            lift_hold(reader=reader, hold=get_object_or_404(Hold, dossier=found, pk=lifted))
            messages.success(request, _("已解除暂停销毁。"))
        else:
            post = request.POST
            set_hold(reader=reader, dossier=found, kind=post.get("kind", ""), reason=post.get("reason", ""))
            messages.success(request, _("已暂停销毁：解除以前，这份档案不会被销毁。"))
    except DossierError as error:
        messages.error(request, str(error))
    return redirect(found)


@require_POST
@private
def end(request: HttpRequest, key: str) -> HttpResponseBase:
    """The tenure ends without a sale."""
    found = dossier_or_404(request, key)
    try:
        end_tenure(reader=reader_of(request), dossier=found, on=day_of(request, "closed_on"))
    except DossierError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已登记结束日期，保管期限从下一年 1 月 1 日算起。"))
    return redirect(found)
