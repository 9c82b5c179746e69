"""Change requests: taken in with the customer's form, compared, decided by another person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from archives import policies
from archives.change_sheets import change_receipt
from archives.evidence import Named
from archives.items import Value
from archives.life_vocabulary import ChangeState
from archives.models import ChangeRequest, DossierPage
from archives.profiles import latest_profile, masked
from archives.register import Reader, note
from archives.services.changing import Wanted, approve_change, ask_change, prove_again, refuse_change
from archives.services.documents import checked_file
from archives.services.errors import DossierError, DoubtfulChange
from archives.services.restricting import restricted_words
from archives.services.templating import KEPT_ITEMS
from archives.template import items_for, known_items, sections_of, template_of
from archives.views.acts import day_of
from archives.views.documents import uploaded_file
from archives.views.doors import dossier_or_404, pdf_answer, press_button, private, reader_of
from archives.views.entering import Field, typed_values
from archives.vocabulary import Channel, State, Step
from estates.requests import person, whole_number
from exchange.uploads import uploads_in_memory
from vault.models.access import Act


def _receivable(request: HttpRequest, key: str) -> DossierPage:
    """The dossier, for those who may take in what its customer brings."""
    found = dossier_or_404(request, key)
    if not policies.may_ask_change(person(request), found):
        raise PermissionDenied(_("变更申请由这个楼盘的客服、销售或物业受理。"))
    return found


@uploads_in_memory(_receivable)
@require_http_methods(["GET", "POST"])
@private
def ask(request: HttpRequest, key: str) -> HttpResponseBase:
    """The form shows what may be changed, never what is held."""
    found = _receivable(request, key)
    if found.state != State.FILED:
        messages.error(request, _("归档以后才走变更手续；归档以前直接修改。"))
        return redirect(found)
    if request.method != "POST":
        return _form(request, found, {})
    typed = typed_values(request)
    try:
        upload = uploaded_file(request)
        change = ask_change(
            reader=reader_of(request),
            dossier=found,
            wanted=_wanted(request, typed),
            form=checked_file(upload, upload.name or "", has_paper=request.POST.get("no_paper") != "yes"),
        )
    except DoubtfulChange as error:
        return _form(request, found, typed, problem=str(error), doubts=error.doubts)
    except DossierError as error:
        return _form(request, found, typed, problem=str(error))
    _tell(request, change)
    return redirect("archives:change", change.pk)


def _tell(request: HttpRequest, change: ChangeRequest) -> None:
    if change.state == ChangeState.WEAK:
        messages.warning(request, _("身份核验不足，申请已留存，还不能审批。"))
    else:
        messages.success(request, _("身份核验通过，等另一位同事审批。"))


def _wanted(request: HttpRequest, typed: Mapping[str, Value]) -> Wanted:
    return Wanted(
        channel=request.POST.get("channel", ""),
        received_on=day_of(request, "received_on"),
        values=typed,
        named=named_in(request),
        emptied=request.POST.getlist("empty"),
    )


def named_in(request: HttpRequest) -> Named:
    """What the form says of who asks."""
    post = request.POST
    return Named(post.get("proof-identity", ""), post.get("proof-phone", ""), post.get("proof-unit", ""))


def _form(
    request: HttpRequest,
    found: DossierPage,
    typed: Mapping[str, Value],
    *,
    problem: str = "",
    doubts: Mapping[str, str] | None = None,
) -> HttpResponse:
    items = items_for(template_of(found), found.estate)
    sections = [
        (
            section.words,
            [
                (
                    Field(item, typed.get(item.code, ""), (doubts or {}).get(item.code, "")),
                    item.code in found.customer.filled and item.code not in KEPT_ITEMS,
                    any(typed.get(item.code) or item.code in request.POST.getlist("empty") for item in section.items),
                )
                for item in section.items
            ],
        )
        for section in sections_of(items)
    ]
    context = {
        "dossier": found,
        "sections": sections,
        "asked": ",".join(item.code for item in items),
        "problem": problem,
        "channels": Channel.choices,
        "post": request.POST,
        "named": named_in(request),
        "today": timezone.localdate(),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return render(request, "archives/change_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
@private
def change(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A request: what is known of it. Who decides sees before and after in the clear, which is a line."""
    found = _change_or_404(request, pk)
    if request.method != "POST":
        return _page(request, found)
    if problem := press_button(request, found, ACTS):
        found.dossier.customer.refresh_from_db()
        return _page(request, found, problem=problem)
    return redirect("archives:change", pk)


def _change_or_404(request: HttpRequest, pk: int) -> ChangeRequest:
    rows = ChangeRequest.objects.select_related("dossier", "form", "asked_by", "decided_by", "version")
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    row.dossier = dossier_or_404(request, row.dossier.key)
    if not policies.may_ask_change(person(request), row.dossier):
        raise PermissionDenied(_("变更申请由这个楼盘的客服、销售或物业受理。"))
    if not policies.may_look_at(person(request), row.dossier):
        raise PermissionDenied(restricted_words())
    return row


def _page(request: HttpRequest, found: ChangeRequest, *, problem: str = "") -> HttpResponse:
    dossier, reader = found.dossier, reader_of(request)
    decides = policies.may_approve_change(reader.user, dossier)
    known = known_items()
    profile = latest_profile(dossier.customer)
    context = {
        "change": found,
        "dossier": dossier,
        "who": masked(profile, dossier.customer.kind),
        "names": [known[code].words for code in found.codes if code in known],
        "reason": found.note(dossier.customer.subject) if found.state == ChangeState.REFUSED else "",
        "compared": found.compared,
        "ambiguous": found.evidence.get("ambiguous"),
        "problem": problem,
        "may_decide": decides and found.state == ChangeState.ASKED and found.asked_by_id != reader.user.pk,
        "own": decides and found.state == ChangeState.ASKED and found.asked_by_id == reader.user.pk,
        "reads_documents": policies.may_read_documents(reader.user, dossier),
    }
    if context["may_decide"]:
        context["rows"] = _before_and_after(reader, found)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return render(request, "archives/change.html", context, status=status)


def _before_and_after(reader: Reader, found: ChangeRequest) -> list[tuple[object, Value, Value]]:
    """The items with what is held and what is asked, those that the person may see."""
    dossier, known = found.dossier, known_items()
    before, after = latest_profile(dossier.customer), found.changes(dossier.customer.subject)
    note(reader, Act.REVEALED, dossier, purpose=str(Step.CHANGE_ASKED.value), count=len(found.codes))
    return [(known[code], before.get(code, ""), after[code]) for code in found.codes if code in known]


def _approve(request: HttpRequest, found: ChangeRequest) -> None:
    approve_change(reader=reader_of(request), change=found, loaded=whole_number(request.POST.get("loaded")))
    messages.success(request, _("已变更，新的一版已经生效。"))


def _refuse(request: HttpRequest, found: ChangeRequest) -> None:
    refuse_change(reader=reader_of(request), change=found, reason=request.POST.get("reason", ""))
    messages.success(request, _("没有同意变更，申请和原因都已留存。"))


def _prove(request: HttpRequest, found: ChangeRequest) -> None:
    _tell(request, prove_again(reader=reader_of(request), change=found, named=named_in(request)))


ACTS: dict[str, Callable[[HttpRequest, ChangeRequest], None]] = {
    "approve": _approve,
    "refuse": _refuse,
    "prove": _prove,
}


@require_POST
@private
def receipt(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The customer's receipt; printing it is a line."""
    found = _change_or_404(request, pk)
    sheet = change_receipt(found)
    note(reader_of(request), Act.PRINTED, found.dossier)
    return pdf_answer(sheet, f"{found.dossier.key}-change-{found.number}")
