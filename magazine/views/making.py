"""The editor's side of an issue: pull in, look at the checks, try it on oneself, freeze it, have it approved."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from estates.requests import person, whole_number
from magazine import policies
from magazine.checklist import checklist
from magazine.forms import PrepareForm
from magazine.models import IssuePage, LinkCheck, MagazineIndexPage, Mailing
from magazine.notices import tell_approvers
from magazine.services.errors import MagazineError
from magazine.services.link_checking import ask_for_link_check, digest_of
from magazine.services.preparing import prepare_mailing
from magazine.services.pulling import pull_into_issue
from magazine.services.starting import next_issue, start_issue
from magazine.services.testing import send_test
from magazine.suggesting import suggestions
from magazine.views.reading import paper

PAPERS = ("magazine", "bleed", "letter")
KINDS = ("cases", "milestones", "activities")


def _maker(request: HttpRequest) -> None:
    if not policies.may_make_issues(request.user):
        raise PermissionDenied(_("会刊由客服编辑和客服经理制作。"))


@require_safe
def issues(request: HttpRequest) -> HttpResponse:
    """All issues, drafts too, and what was sent of them."""
    if not policies.may_read_mailings(request.user):
        raise PermissionDenied(_("会刊由客服编辑和客服经理制作，领导和审计可以看发送情况。"))
    context = {
        "issues": IssuePage.objects.order_by("-month", "-number").prefetch_related("mailings"),
        "may_make": policies.may_make_issues(request.user),
        "may_read_subscribers": policies.may_read_subscribers(request.user),
        "index": MagazineIndexPage.objects.first(),
        "next": next_issue(),
    }
    return render(request, "magazine/issues.html", context)


@require_POST
def new_issue(request: HttpRequest) -> HttpResponseBase:
    _maker(request)
    issue = start_issue(by=person(request))
    messages.success(
        request, _("已开始 %(subtitle)s。先拉入本月的内容，再到编辑页写文章。") % {"subtitle": issue.subtitle}
    )
    return redirect("magazine:issue", issue.pk)


def _draft(request: HttpRequest, pk: int) -> tuple[IssuePage, IssuePage]:
    """The issue and its latest version."""
    _maker(request)
    issue = get_object_or_404(IssuePage, pk=pk)
    return issue, issue.get_latest_revision_as_object()


@require_safe
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    """What could be pulled in, what the checks say of the draft, what comes next."""
    row, draft = _draft(request, pk)
    return render(request, "magazine/make.html", _made(request, row, draft, PrepareForm(label_suffix="")))


def _made(request: HttpRequest, row: IssuePage, draft: IssuePage, form: PrepareForm) -> dict[str, object]:
    found = suggestions(draft, person(request))
    checks = checklist(draft.content)
    mailings = list(Mailing.objects.visible_to(request.user).filter(issue=row))
    return {
        "issue": row,
        "draft": draft,
        "groups": [(kind, _title(kind), found[kind]) for kind in KINDS],
        "checks": checks,
        **_link_check(row, draft),
        "blocked": any(check.blocks and not check.is_good for check in checks),
        "mailings": mailings,
        "is_open": any(mailing.is_open for mailing in mailings),
        "form": form,
    }


def _title(kind: str) -> str:
    return {"cases": _("案例"), "milestones": _("工程节点"), "activities": _("会员活动")}[kind]


def _link_check(row: IssuePage, draft: IssuePage) -> dict[str, object]:
    """What the worker found last, and whether the draft has other links since."""
    links = list(dict.fromkeys(draft.content.links))
    check = LinkCheck.objects.filter(issue=row).first()
    return {
        "link_check": check,
        "has_links": bool(links),
        "links_changed": check is not None and check.digest != digest_of(links),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def links(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A POST has the worker ask; a GET is the part of the page that tells how far it is."""
    row, draft = _draft(request, pk)
    if request.method == "POST":
        ask_for_link_check(issue=row, by=person(request))
        return redirect(f"{reverse('magazine:issue', args=[pk])}#links")
    return render(request, "magazine/link_check.html", {"issue": row, **_link_check(row, draft)})


@require_POST
def pull(request: HttpRequest, pk: int) -> HttpResponseBase:
    row, _draft_version = _draft(request, pk)
    kind = request.POST.get("kind", "")
    ids = [whole_number(one) for one in request.POST.getlist("id")]
    if kind not in KINDS or not ids:
        messages.warning(request, _("请先勾选要拉入的内容。"))
        return redirect("magazine:issue", pk)
    try:
        count = pull_into_issue(issue=row, kind=kind, ids=ids, by=person(request))
    except MagazineError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, ngettext("已拉入 %(n)d 条。", "已拉入 %(n)d 条。", count) % {"n": count})
    return redirect("magazine:issue", pk)


@require_POST
def test_send(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The draft as a mail, to the editor's own address."""
    _row, draft = _draft(request, pk)
    try:
        address = send_test(issue=draft, to=person(request))
    except MagazineError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, _("试发邮件已排队，寄往 %(address)s，到了请在手机和电脑上都看一看。") % {"address": address}
        )
    return redirect("magazine:issue", pk)


@require_POST
def prepare(request: HttpRequest, pk: int) -> HttpResponseBase:
    row, draft = _draft(request, pk)
    form = PrepareForm(request.POST, label_suffix="")
    if not form.is_valid():
        context = _made(request, row, draft, form)
        return render(request, "magazine/make.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        estates, interests = list(form.cleaned_data["estates"]), form.cleaned_data["interests"]
        mailing = prepare_mailing(issue=row, by=person(request), estates=estates, interests=interests)
    except MagazineError as error:
        messages.error(request, str(error))
        return redirect("magazine:issue", pk)
    tell_approvers(mailing)
    messages.success(request, _("已定稿，等另一位客服经理批准。"))
    return redirect(mailing)


@require_http_methods(["GET", "HEAD"])
def draft_paper(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The draft as the printer gets it: the magazine, the magazine with bleed, or the letter."""
    if kind not in PAPERS:
        raise Http404
    _row, draft = _draft(request, pk)
    return paper(request, draft, letter=kind == "letter", bleed=kind == "bleed")
