"""A review pack: while it is prepared the manager changes it, afterwards it shows how the review goes."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casebook import policies
from casebook.desk import desk_of_user
from casebook.models import CasePage, Condition, OutsideLink, PackItem, ReviewPack
from casebook.notices import possible_respondents
from casebook.pack_exports import answered_items, pack_rows, pack_sheet
from casebook.reasons import reason_words
from casebook.services.errors import CaseError
from casebook.services.linking import make_link, revoke_link
from casebook.services.packing import add_case, assign_discipline, discard_pack, drop_item, hand_over, move_item
from casebook.services.rounds import start_round
from casebook.services.signing import Demand, digest_of, meet_condition, sign_pack
from casebook.vocabulary import Discipline, ItemState, PackState, Verdict
from estates.models import User
from estates.requests import person, whole_number, written_day
from exchange.spreadsheets import CONTENT_TYPE

LISTED = 100


@require_http_methods(["GET", "POST"])
def pack_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What the pack holds and why, and what it leaves out; as long as it is prepared, the manager changes it."""
    user = person(request)
    packs = ReviewPack.objects.visible_to(user).select_related("stage__project__estate", "built_by")
    pack = get_object_or_404(packs, pk=pk)
    if request.method == "POST":
        return _change(request, user, pack)
    if pack.state != PackState.PREPARED:
        return render(request, "casebook/review.html", _review_context(request, user, pack))
    items = PackItem.objects.visible_to(user).filter(pack=pack).select_related("case")
    may_change = policies.may_manage_on(user, pack.stage.project.estate)
    readable = CasePage.objects.visible_to(user)
    left_out = pack.left_out.filter(case__in=readable).select_related("case", "dropped_by")
    context = {
        "pack": pack,
        "items": [(item, reason_words(item.reasons)) for item in items],
        "readable": set(readable.filter(pk__in=[item.case_id for item in items]).values_list("pk", flat=True)),
        "left_out": left_out[:LISTED],
        "left_out_count": left_out.count(),
        "listed": LISTED,
        "may_change": may_change,
    }
    return render(request, "casebook/pack.html", context)


def _review_context(request: HttpRequest, user: User, pack: ReviewPack) -> dict[str, object]:
    """A pack under review or signed: what was said to each item, what is missing, and what the manager may do."""
    desk, rows = desk_of_user(user, pack), list(answered_items(pack, user))
    items = [item for item, _answer in rows]
    may_manage = policies.may_manage_on(user, pack.stage.project.estate)
    left_out = pack.left_out.filter(case__in=CasePage.objects.visible_to(user)).select_related("case", "dropped_by")
    sign_off = getattr(pack, "sign_off", None)
    return {
        "pack": pack,
        "desk": desk,
        "progress": desk.progress(),
        "rows": rows,
        "before": _verdicts_before(pack),
        "may_manage": may_manage,
        "unmet": [item for item in items if item.verdict == Verdict.NOT_AVOIDED],
        "accepted": all(item.state == ItemState.ACCEPTED for item in items),
        "waiting": [item for item in items if item.state == ItemState.ANSWERED],
        "sign_off": sign_off,
        "intact": sign_off is None or sign_off.digest == digest_of(pack),
        "conditions": list(sign_off.conditions.select_related("item", "met_by")) if sign_off else [],
        "links": list(pack.links.prefetch_related("visits")) if may_manage else [],
        "made": request.session.pop(f"made-link-{pack.pk}", None),
        "assignees": {one.discipline: one.user for one in pack.assignees.select_related("user")},
        "people": possible_respondents(pack) if may_manage else [],
        "disciplines": Discipline,
        "left_out": left_out[:LISTED],
        "left_out_count": left_out.count(),
        "listed": LISTED,
        "today": timezone.localdate(),
        "following": ReviewPack.objects.visible_to(user).filter(previous=pack).first(),
    }


def _verdicts_before(pack: ReviewPack) -> dict[int, str]:
    """What the round before had said, by case: words of the verdict."""
    if pack.previous_id is None:
        return {}
    earlier = PackItem.objects.filter(pack=pack.previous_id)
    return {item.case_id: item.get_verdict_display() for item in earlier}


@require_POST
def sign(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Sign off; each item that is not avoided needs a demand and a day."""
    user, pack = _pack(request, pk)
    demands = {}
    for key in request.POST:
        text = request.POST.get(key, "")
        if key.startswith("demand-") and text.strip():
            item = whole_number(key.removeprefix("demand-"))
            due_on = written_day(request.POST.get(f"due-{item}", ""))
            if due_on is None:
                messages.error(request, _("请给每个附带条件选一个期限。"))
                return redirect(f"{pack.get_absolute_url()}#sign")
            demands[item] = Demand(text, due_on)
    try:
        sign_pack(by=user, pack=pack, remark=request.POST.get("remark", ""), demands=demands)
        messages.success(request, _("已有条件签认。") if demands else _("已签认。"))
    except CaseError as error:
        messages.error(request, str(error))
        return redirect(f"{pack.get_absolute_url()}#sign")
    return redirect(pack)


@require_POST
def conditions(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Note that a condition was met."""
    user, pack = _pack(request, pk)
    condition = get_object_or_404(Condition, sign_off__pack=pack, pk=whole_number(request.POST.get("condition")))
    return _done(request, pack, lambda: meet_condition(by=user, condition=condition, note=request.POST.get("note", "")))


@require_POST
def next_round(request: HttpRequest, pk: int) -> HttpResponseBase:
    user, pack = _pack(request, pk)
    try:
        following = start_round(by=user, pack=pack)
    except CaseError as error:
        messages.error(request, str(error))
        return redirect(pack)
    messages.success(
        request, _("已开第 %(n)d 轮：已认可的答复沿用，未规避的重新回答。调整后交出。") % {"n": following.round}
    )
    return redirect(following)


@require_POST
def people(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Who answers which discipline."""
    user, pack = _pack(request, pk)
    chosen = {d: whole_number(request.POST.get(d.value)) for d in Discipline if d.value in request.POST}
    found = User.objects.in_bulk(set(chosen.values()))

    def assign() -> None:
        for discipline, user_id in chosen.items():
            assign_discipline(by=user, pack=pack, discipline=discipline, to=found.get(user_id))

    return _done(request, pack, assign)


@require_POST
def links(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Make a link, or end one. Address and code are shown once, on the next page."""
    user, pack = _pack(request, pk)
    if revoked := whole_number(request.POST.get("revoke")):
        link = get_object_or_404(OutsideLink, pack=pack, pk=revoked)
        return _done(request, pack, lambda: revoke_link(by=user, link=link))
    wanted = [d for d in request.POST.getlist("disciplines") if d in Discipline]
    try:
        made = make_link(
            by=user,
            pack=pack,
            institute=request.POST.get("institute", ""),
            disciplines=wanted,
            days=whole_number(request.POST.get("days")),
        )
    except CaseError as error:
        messages.error(request, str(error))
        return redirect(f"{pack.get_absolute_url()}#links")
    address = request.build_absolute_uri(reverse("casebook:outside", args=[made.token]))
    request.session[f"made-link-{pack.pk}"] = {"address": address, "code": made.code, "to": made.link.institute}
    return redirect(f"{pack.get_absolute_url()}#links")


@require_safe
def pack_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    user, pack = _pack(request, pk)
    return sent_file(pack_sheet(pack, user), "application/pdf", f"pack-{pack.pk}-{pack.round}.pdf", inline=True)


@require_safe
def pack_xlsx(request: HttpRequest, pk: int) -> HttpResponse:
    user, pack = _pack(request, pk)
    return sent_file(pack_rows(pack, user), CONTENT_TYPE, f"pack-{pack.pk}-{pack.round}.xlsx", inline=False)


def sent_file(content: bytes, kind: str, name: str, *, inline: bool) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'{"inline" if inline else "attachment"}; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _pack(request: HttpRequest, pk: int) -> tuple[User, ReviewPack]:
    """One that was handed over and that the person may see; else 404."""
    user = person(request)
    packs = ReviewPack.objects.visible_to(user).exclude(state=PackState.PREPARED)
    return user, get_object_or_404(packs.select_related("stage__project__estate"), pk=pk)


def _done(request: HttpRequest, pack: ReviewPack, act: Callable[[], object]) -> HttpResponseBase:
    try:
        act()
        messages.success(request, _("已保存。"))
    except CaseError as error:
        messages.error(request, str(error))
    return redirect(pack)


def _change(request: HttpRequest, user: User, pack: ReviewPack) -> HttpResponseBase:
    acts: dict[str, Callable[[], object]] = {
        "drop": lambda: drop_item(by=user, item=_item(request, user, pack), reason=request.POST.get("reason", "")),
        "up": lambda: _step(request, user, pack, -1),
        "down": lambda: _step(request, user, pack, +1),
        "add": lambda: add_case(by=user, pack=pack, case=_case(request, user)),
        "hand_over": lambda: hand_over(by=user, pack=pack),
        "discard": lambda: discard_pack(by=user, pack=pack),
    }
    act = acts.get(request.POST.get("action", ""))
    if act is None:
        raise Http404
    try:
        act()
    except CaseError as error:
        messages.error(request, str(error))
    else:
        if request.POST["action"] == "hand_over":
            messages.success(request, _("已交出，内容不再改动；对应部门现在可以看到。"))
        if request.POST["action"] == "discard":
            messages.success(request, _("已删除准备中的审查包。"))
            return redirect(pack.stage.project)
    anchor = f"#item-{request.POST.get('item')}" if request.POST["action"] in ("up", "down") else ""
    return redirect(f"{pack.get_absolute_url()}{anchor}")


def _item(request: HttpRequest, user: User, pack: ReviewPack) -> PackItem:
    items = PackItem.objects.visible_to(user).filter(pack=pack)
    return get_object_or_404(items, pk=whole_number(request.POST.get("item")))


def _step(request: HttpRequest, user: User, pack: ReviewPack, by: int) -> None:
    item = _item(request, user, pack)
    move_item(by=user, item=item, to=item.position + by)


def _case(request: HttpRequest, user: User) -> CasePage:
    """By its number, as a person types it. Raises CaseError where there is none that the person may see."""
    number = request.POST.get("number", "").strip().upper()
    case = CasePage.objects.visible_to(user).filter(number=number).first() if number else None
    if case is None:
        raise CaseError(_("没有找到编号“%(number)s”的案例，请核对。") % {"number": number[:40]})
    return case
