"""Loans and the stock-take of papers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from archives import policies
from archives.models import DossierDocument, DossierPage, Loan
from archives.register import access_to
from archives.services.errors import DossierError
from archives.services.lending import Wish, ask_loan, check_paper, decide_loan, return_items
from archives.standing import Standing, standing_of
from archives.stock_take import Paper, Where, papers_of
from archives.views.acts import day_of
from archives.views.doors import dossier_or_404, mark_of, private, reader_of
from archives.vocabulary import OUT_STATES, LoanState, State
from estates.access import reach_of
from estates.models import Estate, User
from estates.requests import person, whole_number
from estates.roles import Role
from estates.work import First, first_of
from exchange.spreadsheets import CONTENT_TYPE, Value, workbook
from vault.models.access import Act
from vault.register import note_accesses

SHOWN, MOST_NAMESAKES = 200, 20
SEEING_ROLES = frozenset({Role.ARCHIVIST, Role.MANAGER, Role.DIRECTOR, Role.AUDITOR})


@require_safe
@private
def loans(request: HttpRequest) -> HttpResponseBase:
    """What waits for a decision, what is out, what came back; of dossiers that the person may see, or his own."""
    user = person(request)
    mine = Q(borrower=user) | Q(asked_by=user)
    seen = Loan.objects.filter(mine | reach_of(user, SEEING_ROLES).q("dossier__estate"))
    rows = seen.select_related(
        "dossier__estate", "dossier__unit", "dossier__customer", "borrower", "asked_by"
    ).prefetch_related("items__document")
    context: dict[str, Any] = {
        "outside": _outside_borrowers(request, rows),
        "waiting": first_of(rows.filter(state__in=[LoanState.ASKED, LoanState.DIRECTOR]), SHOWN),
        "out": first_of(rows.filter(state__in=OUT_STATES).order_by("due_on", "pk"), SHOWN),
        "past": first_of(rows.filter(state__in=[LoanState.BACK, LoanState.REFUSED]), SHOWN),
        "may_take_stock": bool(reach_of(user, {Role.ARCHIVIST})),
        "may_find": policies.may_find(user),
    }
    listed = [loan for name in ("waiting", "out", "past") for loan in context[name]]
    open_to = DossierPage.objects.visible_to(user).filter(pk__in={loan.dossier_id for loan in listed})
    context |= {
        "visible": set(open_to.values_list("pk", flat=True)),
        "decides": {loan.pk for loan in context["waiting"] if _may_decide(user, loan)},
        "lends": {loan.pk for loan in context["out"] if policies.may_lend(user, loan.dossier)},
    }
    return render(request, "archives/loans.html", context)


def _outside_borrowers(request: HttpRequest, rows: QuerySet[Loan]) -> dict[int, str]:
    """To whom open loans outside go, for those who decide on them; told by the customer's key, so it is a line."""
    reader = reader_of(request)
    may = (policies.may_lend, policies.may_approve_outside)
    open_states = [LoanState.ASKED, LoanState.DIRECTOR, *OUT_STATES]
    outside = [
        loan
        for loan in rows.filter(borrower=None, state__in=open_states)[:SHOWN]
        if any(ask(reader.user, loan.dossier) for ask in may)
    ]
    note_accesses(reader.user, [access_to(loan.dossier, Act.VIEWED, reader) for loan in outside])
    return {loan.pk: loan.note(loan.dossier.customer.subject) for loan in outside}


def _may_decide(user: User, loan: Loan) -> bool:
    if loan.state == LoanState.DIRECTOR:
        own = (loan.borrower_id, loan.asked_by_id, loan.approved_by_id)
        return policies.may_approve_outside(user, loan.dossier) and user.pk not in own
    return policies.may_lend(user, loan.dossier) and user.pk not in (loan.borrower_id, loan.asked_by_id)


@require_POST
@private
def ask(request: HttpRequest, key: str) -> HttpResponseBase:
    found, post = dossier_or_404(request, key), request.POST
    try:
        wish = Wish(
            medium=post.get("medium", ""),
            purpose=post.get("purpose", ""),
            due_on=day_of(request, "due_on"),
            documents=[whole_number(pk) for pk in post.getlist("document")],
            borrower=_borrower(post.get("borrower", "").strip()),
            outside=post.get("outside", ""),
        )
        ask_loan(reader=reader_of(request), dossier=found, wish=wish)
    except DossierError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已申请借阅，等档案管理员批准。"))
    return redirect(found)


def _borrower(name: str) -> User | None:
    """A colleague by account name or by the name shown; nobody for an empty text."""
    if not name:
        return None
    named = User.objects.filter(Q(username=name) | Q(display_name=name), is_active=True)
    people = [one for one in named[:MOST_NAMESAKES] if standing_of(one) != Standing.STRANGER]
    if len(people) != 1:
        raise DossierError(_("没有找到这位同事，或不止一位。请填写账号名。"))
    return people[0]


@require_POST
@private
def decide(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Approve, refuse, or take back; the services ask who may."""
    loan = get_object_or_404(Loan.objects.select_related("dossier"), pk=pk)
    user = person(request)
    if not (_may_decide(user, loan) or policies.may_lend(user, loan.dossier)):
        raise Http404
    action, reader = request.POST.get("action", ""), reader_of(request)
    try:
        if action == "return":
            items = [whole_number(item) for item in request.POST.getlist("item")]
            row = return_items(reader=reader, loan=loan, items=items)
        elif action in ("grant", "refuse"):
            row = decide_loan(reader=reader, loan=loan, grant=action == "grant")
        else:
            raise Http404
    except DossierError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("借阅现在是“%(state)s”。") % {"state": row.get_state_display()})
    return redirect("archives:loans")


@require_safe
@private
def stock_take(request: HttpRequest) -> HttpResponseBase:
    """Every paper of an estate's filed dossiers: in place, out, missed, or not checked yet."""
    user = person(request)
    estates = Estate.objects.filter(reach_of(user, {Role.ARCHIVIST, Role.MANAGER}).q("pk"))
    if not estates:
        raise PermissionDenied(_("清点由档案管理员和客服经理查看。"))
    filed = DossierPage.objects.filter(estate__in=estates, state=State.FILED).order_by("number").first()
    estate = estates.filter(code=request.GET.get("estate", "")).first() or (filed.estate if filed else estates[0])
    papers = papers_of(DossierPage.objects.filter(estate=estate))
    order = [Where.MISSING, Where.OUT, Where.UNCHECKED, Where.IN_PLACE]
    if (wanted := request.GET.get("where", "")) in list(Where):
        papers = [paper for paper in papers if paper.where == wanted]
    context = {
        "estates": estates,
        "estate": estate,
        "papers": First(sorted(papers, key=lambda paper: order.index(paper.where))[:SHOWN], len(papers)),
        "where_words": where_words(),
        "wanted": wanted,
        "may_check": reach_of(user, {Role.ARCHIVIST}).covers(estate.pk),
    }
    return render(request, "archives/stock_take.html", context)


def where_words() -> dict[str, str]:
    return {
        Where.MISSING: _("不在位"),
        Where.OUT: _("借出"),
        Where.UNCHECKED: _("未清点"),
        Where.IN_PLACE: _("在位"),
    }


@require_POST
@private
def check(request: HttpRequest, pk: int) -> HttpResponseBase:
    visible = DossierPage.objects.visible_to(person(request))
    document = get_object_or_404(DossierDocument.objects.select_related("dossier__estate"), pk=pk, dossier__in=visible)
    is_found = request.POST.get("found") == "yes"
    check_paper(reader=reader_of(request), document=document, is_found=is_found)
    return redirect(f"{reverse('archives:papers')}?estate={document.dossier.estate.code}#paper-{pk}")


@require_POST
@private
def export_papers(request: HttpRequest) -> HttpResponseBase:
    """The stock-take as a sheet: numbers and places, no names. The export is a line of the register."""
    reader = reader_of(request)
    estate = get_object_or_404(Estate, code=request.POST.get("estate", ""))
    if not policies.may_export(reader.user).covers(estate.pk):
        raise PermissionDenied(_("导出对档案管理员和客服经理开放。"))
    papers = papers_of(DossierPage.objects.filter(estate=estate))
    words = where_words()
    columns = [
        (_("纸质档案位置"), 16),
        (_("档案编号"), 20),
        (_("房号"), 16),
        (_("文件"), 20),
        (_("情况"), 12),
        (_("应还日期"), 12),
    ]
    sheet = workbook(
        _("纸质档案清点"), columns, (_row(paper, words) for paper in papers), mark=mark_of(reader_of(request))
    )
    dossiers = {paper.document.dossier_id: paper.document.dossier for paper in papers}
    note_accesses(reader.user, [access_to(dossier, Act.EXPORTED, reader) for dossier in dossiers.values()])
    response = HttpResponse(sheet, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{estate.code}-papers.xlsx"'
    return response


def _row(paper: Paper, words: dict[str, str]) -> list[Value]:
    dossier = paper.document.dossier
    due = paper.out.loan.due_on if paper.out else None
    return [dossier.shelf_mark, dossier.number, str(dossier.unit), str(paper.document), words[paper.where], due]
