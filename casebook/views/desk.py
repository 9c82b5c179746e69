"""The answering desk: the list with progress, one item at a time, answers saved at once.

Each view takes the Desk that one of the two doors made (`views.doors`): staff by account, institutes by link.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import messages
from django.core.files.base import File
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casebook.desk import Desk
from casebook.models import Answer, CasePage, LinkVisit, OutsideLink, PackItem
from casebook.reasons import reason_words, verdict_word
from casebook.services.answering import AnsweredMeanwhile, Attached, Reply, answer_item, answer_many
from casebook.services.checking import accept_answers, check_answer
from casebook.services.errors import CaseError, Gap, NotComplete
from casebook.services.linking import note_visit
from casebook.sheets import impersonal
from casebook.vocabulary import Verdict
from estates.models import User
from estates.requests import came_from, whole_number
from exchange.uploads import oversized_uploads
from media.documents import DocumentError
from media.pdf import PdfError

FRAGMENT = "X-Fragment"
"""The header by which our script asks for a part of the page."""

LONGEST_SHARE = 10


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was saved, and what had been typed."""

    gaps: list[Gap]
    status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
    typed: Reply | None = None


@require_safe
def screen(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The list of items with the chosen one beside it; without a choice the first that waits."""
    discipline = request.GET.get("discipline", "")
    items = list(desk.within(discipline))
    chosen = whole_number(request.GET.get("item"))
    first = next((item for item in items if item.state in desk.awaited), items[0] if items else None)
    item = next((item for item in items if item.pk == chosen), first)
    context = _screen_context(desk, items) | {"discipline": discipline}
    if item:
        context |= _item_context(desk, item)
        visited(request, desk, LinkVisit.Act.ITEM, about=f"{item.position}")
    return render(request, "casebook/desk.html", context)


def _screen_context(desk: Desk, items: list[PackItem]) -> dict[str, object]:
    drawings = list(desk.drawings)
    return {
        "desk": desk,
        "pack": desk.pack,
        "items": items,
        "progress": desk.progress(),
        "drawings": drawings,
        "sheets": [[d.number, d.revision, d.pk, d.pages] for d in drawings],
    }


@require_http_methods(["GET", "POST"])
def item(request: HttpRequest, desk: Desk, item: int) -> HttpResponseBase:
    """GET: the item as a fragment. POST: an answer; 409 when somebody was faster, 422 when something is missing."""
    row = get_object_or_404(desk.items, pk=item)
    if request.method == "POST":
        return _answer(request, desk, row)
    visited(request, desk, LinkVisit.Act.ITEM, about=f"{row.position}")
    if FRAGMENT not in request.headers:
        return redirect(f"{desk.base}answer/?item={row.pk}")
    return render(request, "casebook/desk_item.html", {"desk": desk, **_item_context(desk, row)})


def _answer(request: HttpRequest, desk: Desk, row: PackItem) -> HttpResponseBase:
    reply, seen = _reply(request), whole_number(request.POST.get("seen"))
    try:
        answer_item(by=desk.by, item=row, reply=reply, seen=seen, attached=_attached(request))
    except AnsweredMeanwhile as error:
        return _again(request, desk, row, Refusal([Gap("", str(error))], HTTPStatus.CONFLICT, reply))
    except NotComplete as error:
        return _again(request, desk, row, Refusal(error.gaps, typed=reply))
    except (CaseError, DocumentError, PdfError) as error:
        return _again(request, desk, row, Refusal([Gap("", str(error))], typed=reply))
    visited(request, desk, LinkVisit.Act.ANSWERED, about=f"{row.position}")
    return _saved(request, desk, row)


def _attached(request: HttpRequest) -> Attached | None:
    """Raises DocumentError for a file that was too large to arrive."""
    if dropped := oversized_uploads(request):
        raise DocumentError(_("附件“%(name)s”太大，没有保存。请压缩后再传。") % {"name": dropped[0]})
    upload = request.FILES.get("file")
    return Attached(upload, upload.name or "") if isinstance(upload, File) else None


def _reply(request: HttpRequest) -> Reply:
    posted = request.POST
    pin = _share(posted.get("pin_x")), _share(posted.get("pin_y"))
    return Reply(
        verdict=posted.get("verdict", ""),
        note=posted.get("note", ""),
        drawing_number=posted.get("drawing_number", ""),
        drawing_revision=posted.get("drawing_revision", ""),
        page=whole_number(posted.get("page", "")[:5]) or None,
        pin=(pin[0], pin[1]) if pin[0] is not None and pin[1] is not None else None,
    )


def _share(text: str | None) -> float | None:
    """A share between 0 and 1, as our script writes it: 0.1234."""
    digits = (text or "")[:LONGEST_SHARE]
    if not digits.replace(".", "", 1).isdecimal() or not digits.isascii():
        return None
    return min(float(digits), 1.0)


def _again(request: HttpRequest, desk: Desk, row: PackItem, refusal: Refusal) -> HttpResponse:
    """The item with what was typed, what is wrong, and what others said meanwhile. Nothing was saved."""
    row.refresh_from_db()
    context = {"desk": desk, **_item_context(desk, row), "typed": refusal.typed, "gaps": refusal.gaps}
    if FRAGMENT in request.headers:
        return render(request, "casebook/desk_item.html", context, status=refusal.status)
    whole = _screen_context(desk, list(desk.items))
    return render(request, "casebook/desk.html", {**whole, **context}, status=refusal.status)


def _saved(request: HttpRequest, desk: Desk, row: PackItem) -> HttpResponseBase:
    """For our script: the item's new state, how far all are, and the item that waits next. Otherwise on to that one."""
    row.refresh_from_db()
    places = list(desk.items.order_by("position").values_list("pk", "position", "state"))
    waiting = [
        (place <= row.position, place, pk) for pk, place, state in places if state in desk.awaited and pk != row.pk
    ]
    following = min(waiting)[2] if waiting else None
    if FRAGMENT not in request.headers:
        return redirect(f"{desk.base}answer/" + (f"?item={following}" if following else f"?item={row.pk}"))
    shown = desk.items.get(pk=following) if following else row
    context = {"desk": desk, **_item_context(desk, shown)}
    return JsonResponse(
        {
            "item": row.pk,
            "state": row.state,
            "label": str(row.get_state_display()),
            "progress": [[p.code, p.said, p.total] for p in desk.progress()],
            "said": _("第 %(n)d 条已保存。") % {"n": row.position},
            "next": render_to_string("casebook/desk_item.html", context, request),
        }
    )


def _item_context(desk: Desk, row: PackItem) -> dict[str, object]:
    given = list(row.given.select_related("answered_by", "link", "check_made__checked_by").order_by("-sequence"))
    shown = {name: impersonal(text) for name, text in row.shown.items()} if desk.is_outside else row.shown
    return {
        "item": row,
        "shown": shown,
        "why": reason_words(row.reasons),
        "given": given,
        "latest": given[0] if given else None,
        "verdicts": [(verdict.value, verdict_word(row, verdict)) for verdict in Verdict],
        "case_now": _case_now(desk, row),
        "before": _before(row),
        "pins": _latest_pin(given),
        "typed": _where_it_was(row, given),
    }


def _where_it_was(row: PackItem, given: list[Answer]) -> Reply | None:
    """A new answer begins at the place that the last one named; not in its revision, where that was superseded."""
    if not given:
        return None
    last = given[0]
    pin = (last.pin_x, last.pin_y) if last.pin_x is not None and last.pin_y is not None else None
    revision = "" if row.reopened_for else last.drawing_revision
    return Reply("", "", last.drawing_number, revision, last.page, pin)


def _latest_pin(given: list[Answer]) -> Answer | None:
    last = given[0] if given else None
    return last if last and last.drawing_id and last.pin_x is not None else None


def _case_now(desk: Desk, row: PackItem) -> tuple[str, CasePage | None]:
    """Was the case changed since the pack was frozen? What is shown stays; staff are told, and led to the new text."""
    case: CasePage = row.case
    if desk.is_outside:
        return "", None
    if not case.live:
        return _("这份案例在交出后已撤回。这里是交出时的内容，请照常回答或选“不适用”。"), None
    readable = isinstance(desk.by, User) and CasePage.objects.visible_to(desk.by).filter(pk=case.pk).exists()
    changed = _("这份案例在交出后有了新版本。这里是交出时的内容。") if case.live_revision_id != row.version else ""
    return changed, case if readable else None


def _before(row: PackItem) -> Answer | None:
    """What was said in the round before, where this item has one."""
    if row.pack.previous_id is None:
        return None
    earlier = Answer.objects.filter(item__pack=row.pack.previous_id, item__case=row.case_id)
    return earlier.select_related("answered_by", "link").order_by("-sequence").first()


@require_POST
def bulk(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Not applicable, with one reason, for the items that were ticked."""
    ids = {whole_number(text) for text in request.POST.getlist("items")}
    seen = {pk: whole_number(request.POST.get(f"seen-{pk}")) for pk in ids}
    rows = [(row, seen[row.pk]) for row in desk.items.filter(pk__in=ids)]
    reply = Reply(verdict=Verdict.NOT_APPLICABLE, note=request.POST.get("reason", ""))
    try:
        done, left = answer_many(by=desk.by, items=rows, reply=reply)
    except CaseError as error:
        messages.error(request, str(error))
    else:
        if not rows:
            messages.error(request, _("请先勾选条目。"))
        else:
            messages.success(request, _("%(n)d 条已答“不适用”。") % {"n": done})
        if left:
            messages.warning(request, _("%(n)d 条刚被别人回答，没有改动，请看一下。") % {"n": left})
        visited(request, desk, LinkVisit.Act.ANSWERED, about=f"{done}×")
    return redirect(f"{desk.base}answer/")


@require_POST
def check(request: HttpRequest, desk: Desk, item: int) -> HttpResponseBase:
    """Accept the answer, or send it back."""
    row = get_object_or_404(desk.items, pk=item)
    if not isinstance(desk.by, User):
        raise Http404
    try:
        check_answer(
            by=desk.by,
            item=row,
            seen=whole_number(request.POST.get("seen")),
            accept=request.POST.get("decision") == "accept",
            remark=request.POST.get("remark", ""),
        )
    except CaseError as error:
        return _again(request, desk, row, Refusal([Gap("remark", str(error))]))
    return _saved(request, desk, row)


@require_POST
def accept_rest(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Accept everything that was on the screen and waits."""
    if not isinstance(desk.by, User):
        raise Http404
    marked = [name for name in request.POST if name.startswith("seen-")]
    seen = {whole_number(name.removeprefix("seen-")): whole_number(request.POST.get(name)) for name in marked}
    try:
        done = accept_answers(by=desk.by, items=[(row, seen[row.pk]) for row in desk.items.filter(pk__in=seen)])
        messages.success(request, _("%(n)d 条已认可。") % {"n": done})
    except CaseError as error:
        messages.error(request, str(error))
    return redirect(desk.base)


def visited(request: HttpRequest, desk: Desk, act: LinkVisit.Act, *, about: str = "") -> None:
    """An outside link's every use is noted; staff's are not."""
    if isinstance(desk.by, OutsideLink):
        note_visit(desk.by, act, about=about, **whence(request))


def whence(request: HttpRequest) -> dict[str, str]:
    return {
        "address": came_from(request) or "0.0.0.0",  # noqa: S104  an unknown address, not one to bind to
        "browser": request.headers.get("User-Agent", ""),
    }
