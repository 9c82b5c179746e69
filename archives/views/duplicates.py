"""Likely duplicates: why, both sides beside each other, merged or not; and a merge undone."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from archives import policies
from archives.duplicates import Candidate, candidate_for, candidates_for, count_candidates, propose_duplicates
from archives.life_vocabulary import ProposalState
from archives.models import DossierPage, Merge
from archives.profiles import latest_profiles, masked
from archives.register import access_to
from archives.services.errors import DossierError
from archives.services.merging import compare_dossiers, decide_proposal, merge_dossiers, obstacle_to
from archives.services.unmerging import undo_merge
from archives.views.doors import dossier_or_404, private, reader_of
from estates.access import reach_of
from estates.requests import person, whole_number
from estates.wording import enumeration
from vault.models.access import Act
from vault.register import note_accesses

SHOWN = 20
SIDE = "side-"


@require_http_methods(["GET", "POST"])
@private
def duplicates(request: HttpRequest) -> HttpResponseBase:
    """What waits, the surest first, masked; a POST looks for pairs anew."""
    user = person(request)
    if not reach_of(user, policies.DECIDING_ROLES):
        raise PermissionDenied(_("重复档案由档案管理员和客服经理处理。"))
    if request.method == "POST":
        propose_duplicates()
        count = count_candidates(user)
        found = ngettext("查完了，有 %(n)d 组可能重复。", "查完了，有 %(n)d 组可能重复。", count) % {"n": count}
        messages.success(request, found)
        return redirect("archives:duplicates")
    rows = candidates_for(user, SHOWN)
    shown = [dossier for row in rows for dossier in (row.first, row.second)]
    profiles = latest_profiles([dossier.customer for dossier in shown if dossier.customer.latest])
    names = {dossier.pk: masked(profiles.get(dossier.customer_id, {}), dossier.customer.kind) for dossier in shown}
    note_accesses(user, [access_to(dossier, Act.VIEWED, reader_of(request)) for dossier in shown])
    context = {
        "rows": [(row, names[row.first.pk], names[row.second.pk]) for row in rows],
        "count": count_candidates(user),
    }
    return render(request, "archives/duplicates.html", context)


@require_http_methods(["GET", "POST"])
@private
def duplicate(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One pair: what would be merged, in the clear; a POST decides."""
    found = candidate_for(person(request), pk)
    if found is None:
        raise Http404
    keep, other = _sides(request, found)
    if request.method != "POST":
        return _page(request, found, keep, other)
    try:
        return _decide(request, found, keep, other)
    except DossierError as error:
        return _page(request, found, keep, other, problem=str(error))


def _sides(request: HttpRequest, found: Candidate) -> tuple[DossierPage, DossierPage]:
    """The one to keep and the other: as the person says, else the filed one, else the older."""
    asked = whole_number((request.POST if request.method == "POST" else request.GET).get("keep"))
    pair = sorted((found.first, found.second), key=lambda one: (one.pk != asked, one.filed_at is None, one.pk))
    return pair[0], pair[1]


def _decide(request: HttpRequest, found: Candidate, keep: DossierPage, other: DossierPage) -> HttpResponse:
    reader, post = reader_of(request), request.POST
    if post.get("action") == "merge":
        merge_dossiers(reader=reader, keep=keep, other=other, chosen=_chosen(request), reason=post.get("reason", ""))
        messages.success(request, _("已合并。要撤销，请在这份档案里撤销。"))
        return redirect(DossierPage.objects.get(pk=keep.pk))
    decide_proposal(
        reader=reader, proposal=found.proposal, state=post.get("action", ""), dossiers=(found.first, found.second)
    )
    messages.success(request, _("已记下，不再提示这一组。"))
    return redirect("archives:duplicates")


def _chosen(request: HttpRequest) -> dict[str, str]:
    """Whose value stays, by item."""
    names = [name for name in request.POST if name.startswith(SIDE)]
    return {name.removeprefix(SIDE): request.POST.get(name, "") for name in names}


def _page(
    request: HttpRequest, found: Candidate, keep: DossierPage, other: DossierPage, *, problem: str = ""
) -> HttpResponse:
    rows = compare_dossiers(reader=reader_of(request), keep=keep, other=other)
    context = {
        "found": found,
        "waits": found.proposal.state == ProposalState.PROPOSED,
        "keep": keep,
        "other": other,
        "rows": rows,
        "conflicts": sum(row.differs and not row.is_kept for row in rows),
        "counts": [(one, one.documents.count(), one.contacts.count()) for one in (keep, other)],
        "obstacle": obstacle_to(keep, other),
        "problem": problem,
        "reason": request.POST.get("reason", ""),
        "chosen": _chosen(request),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return render(request, "archives/duplicate.html", context, status=status)


@require_POST
@private
def undo(request: HttpRequest, key: str) -> HttpResponseBase:
    """The kept dossier's merge is undone."""
    found = dossier_or_404(request, key)
    merge = get_object_or_404(Merge, keep=found, pk=whole_number(request.POST.get("merge")))
    try:
        kept = undo_merge(reader=reader_of(request), merge=merge)
    except DossierError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已撤销合并，两份档案都在。"))
        if kept:
            told = _("合并以后又改过或已归档的项目留在这一份：%(items)s。") % {"items": enumeration(kept)}
            messages.warning(request, told)
    return redirect(found)
