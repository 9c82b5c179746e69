"""A dossier on the screen: masked, revealed for a purpose, brought through its gates."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from archives import policies
from archives.forms import ClassifyForm, StartForm
from archives.gates import ANSWERS, find_gaps, unanswered_returns
from archives.history import events_about
from archives.life_vocabulary import Disposal, HoldKind
from archives.models import DossierDocument, DossierPage
from archives.models.history import notes_of
from archives.profiles import latest_profile, masked
from archives.register import note
from archives.retention import due_on
from archives.seen import unseen_parts
from archives.services.errors import DossierError, UnitTaken
from archives.services.lending import documents_lent_to
from archives.services.revealing import Shown, ordered_items, reveal_profile
from archives.services.reviewing import has_entered
from archives.services.starting import start_dossier
from archives.template import items_for, known_items, template_of
from archives.views.doors import dossier_or_404, private, reader_of
from archives.vocabulary import (
    GONE_STATES,
    GROWING_KINDS,
    MOBILE,
    NAME,
    SETTLED_STATES,
    Channel,
    Confirming,
    DocumentKind,
    Gate,
    Medium,
    Purpose,
    State,
    Step,
)
from estates.access import reach_of
from estates.requests import person
from vault.models.access import Act

CHANGING = frozenset[str]().union(*ANSWERS.values())


@require_http_methods(["GET", "POST"])
@private
def start(request: HttpRequest) -> HttpResponseBase:
    """Ask for the home, the tenure and the kind of customer; then the data are entered."""
    user = person(request)
    if not reach_of(user, policies.ENTERING_ROLES):
        raise PermissionDenied(_("客户资料由这个楼盘的客服录入。"))
    form = StartForm(request.POST if request.method == "POST" else None, user=user)
    taken = None
    if request.method == "POST" and form.is_valid():
        try:
            made = start_dossier(
                reader=reader_of(request), opening=form.opening(), is_resale=request.POST.get("is_resale") == "yes"
            )
        except UnitTaken as error:
            taken = error
        except DossierError as error:
            form.add_error(None, str(error))
        else:
            return redirect("archives:enter", made.key)
    words = {"estate": _("楼盘名称、代码或拼音首字母")}
    context = {"form": form, "words": words, "taken": taken}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors or taken else HTTPStatus.OK
    return render(request, "archives/start.html", context, status=status)


@require_safe
@private
def dossier(request: HttpRequest, key: str) -> HttpResponseBase:
    found = dossier_or_404(request, key)
    if key != found.key:
        return redirect(found, permanent=True)
    note(reader_of(request), Act.VIEWED, found)
    kept = found.merged_into
    if kept and DossierPage.objects.visible_to(person(request)).filter(pk=kept.pk).exists():
        messages.info(request, _("%(key)s 已并入这份档案。") % {"key": found.key})
        return redirect(kept)
    return _page(request, found)


@require_POST
@private
def reveal(request: HttpRequest, key: str) -> HttpResponseBase:
    """The data in the clear, in this answer only, for a purpose that stays in the register."""
    found, reader = dossier_or_404(request, key), reader_of(request)
    try:
        shown = reveal_profile(
            reader=reader, dossier=found, purpose=request.POST.get("other", "") or request.POST.get("purpose", "")
        )
    except PermissionDenied:
        note(reader, Act.REFUSED, found)
        raise
    except DossierError as error:
        return _page(request, found, problem=str(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _page(request, found, shown=shown)


def _page(
    request: HttpRequest,
    found: DossierPage,
    *,
    shown: list[Shown] | None = None,
    problem: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    user = person(request)
    looks, used = policies.may_look_at(user, found), not policies.is_restricted(found)
    profile = latest_profile(found.customer) if looks else {}
    asked = items_for(template_of(found), found.estate)
    held = ordered_items(found, profile)
    filled = {item.code for item in held}
    reads, by_role = policies.may_read_documents(user, found), policies.sees_by_role(user, found)
    may_verify = policies.may_verify(user, found) and used
    context = {
        "dossier": found,
        "who": masked(profile, found.customer.kind),
        "filled": [item.words for item in held if item.code not in (NAME, MOBILE)],
        "filled_count": len(filled & {item.code for item in asked}),
        "asked_count": len(asked),
        "shown": shown,
        "problem": problem,
        "gates": _gates(found),
        "documents": _documents(found, in_clear=shown is not None) if reads else [],
        "reads_documents": reads,
        "lent": [] if reads else documents_lent_to(user, found),
        "events": events_about(user, found, in_clear=shown is not None) if by_role else None,
        "may_reveal": policies.may_reveal(user, found),
        "looks": looks,
        "used": used,
        "may_enter": policies.may_enter(user, found) and used,
        "may_verify": may_verify,
        "unseen": unseen_parts(user, found) if may_verify and found.state == State.SUBMITTED else [],
        "may_grant": policies.may_grant_override(user, found) and used,
        "may_ask_loan": policies.may_ask_for_loan(user, found) and found.state == State.FILED and used,
        "may_read_register": policies.may_read_register(user).covers(found.estate_id) and looks,
        "own_entry": has_entered(user, found),
        "overrides": _overrides(found) if reads else [],
        "returned": _returned(found) if reads else None,
        "deeds": _deeds(found, in_clear=shown is not None) if reads else [],
        "may_approve": policies.may_approve_change(user, found),
        "classify": ClassifyForm(None, dossier=found),
        "purposes": Purpose.choices,
        "kinds": _kinds(found),
        "may_ask_change": policies.may_ask_change(user, found),
        "requests": found.requests.all(),
        "changes": found.changes.select_related("asked_by"),
        "confirming": Confirming.choices,
        "channels": Channel.choices,
        "gate_choices": Gate.choices,
        "media": Medium.choices,
        "today": timezone.localdate(),
        "merges": _merges(found) if reads else [],
        "holds": _holds(found, in_clear=shown is not None) if reads or policies.may_hold(user, found) else [],
        "may_hold": policies.may_hold(user, found),
        "hold_kinds": HoldKind.choices,
        "due": due_on(found),
        "disposed": found.disposals.filter(state__in=[Disposal.DESTROYING, Disposal.DESTROYED]).first(),
        "may_export": policies.may_export_dossier(user, found) and found.state == State.FILED and used,
        "may_merge": policies.may_merge(user, found) and used,
        "gone": found.state in GONE_STATES,
        "settled": found.state in SETTLED_STATES,
    }
    return render(request, "archives/dossier.html", context, status=status)


def _kinds(found: DossierPage) -> list[tuple[str, str]]:
    """The kinds of documents that the dossier takes in its state."""
    if found.state == State.FILED:
        return [(kind.value, str(kind.label)) for kind in DocumentKind if kind in GROWING_KINDS]
    return [(kind.value, str(kind.label)) for kind in DocumentKind] if found.is_open else []


def _gates(found: DossierPage) -> list[dict[str, object]]:
    """The four gates, each with its gaps; a filed dossier has passed all."""
    gaps = [] if found.state in SETTLED_STATES else find_gaps(found)
    return [
        {
            "code": gate.value,
            "label": gate.label,
            "gaps": [(gap, gap.may_be_excepted) for gap in gaps if gap.gate == gate],
        }
        for gate in Gate
    ]


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """A document's newest version, the name it came under (in the clear only), and the earlier versions."""

    newest: DossierDocument
    name: str
    earlier: list[DossierDocument]


def _documents(found: DossierPage, *, in_clear: bool) -> list[ShownDocument]:
    grouped: dict[tuple[str, int], list[DossierDocument]] = {}
    rows = list(found.documents.select_related("added_by"))
    for row in rows:
        grouped.setdefault((row.kind, row.title), []).append(row)
    names = notes_of(rows, found.customer.subject) if in_clear else {}
    return [ShownDocument(newest, names.get(newest.row, ""), earlier) for newest, *earlier in grouped.values()]


def _merges(found: DossierPage) -> list[dict[str, object]]:
    """What was merged into the dossier, with the other's papers."""
    rows = found.merges.filter(undone_at=None).select_related("other", "made_by").prefetch_related("other__documents")
    return [{"row": row, "reason": row.note(found.customer.subject)} for row in rows]


def _holds(found: DossierPage, *, in_clear: bool) -> list[dict[str, object]]:
    rows = list(found.holds.filter(lifted_at=None).select_related("set_by"))
    reasons = notes_of(rows, found.customer.subject) if in_clear else {}
    return [{"row": row, "reason": reasons.get(row.row, "")} for row in rows]


def _overrides(found: DossierPage) -> list[dict[str, object]]:
    rows = list(found.overrides.select_related("rule", "asked_by", "decided_by").order_by("-pk"))
    known, notes = known_items(), notes_of(rows, found.customer.subject)
    return [
        {
            "row": row,
            "what": known[row.field].words if row.field in known else dict(DocumentKind.choices).get(row.field, ""),
            "reason": notes.get(row.row, ""),
            "has_lapsed": row.version != found.customer.latest,
        }
        for row in rows
    ]


def _deeds(found: DossierPage, *, in_clear: bool) -> list[dict[str, object]]:
    """Corrections of the title deed that wait; the numbers in the clear only."""
    rows = found.deed_corrections.filter(decided_at=None).select_related("asked_by")
    return [{"row": row, "numbers": row.numbers(found.customer.subject) if in_clear else None} for row in rows]


def _returned(found: DossierPage) -> dict[str, object] | None:
    """The last return with its reason, what was answered, and what was changed since: for who mends it, and for who
    looks at it again."""
    if found.state not in (State.RETURNED, State.SUBMITTED):
        return None
    step = found.steps.filter(step=Step.RETURNED).select_related("by").first()
    if step is None:
        return None
    later = found.steps.filter(pk__gt=step.pk).select_related("by").order_by("pk")
    answers = [row for row in later if row.step == Step.RETURN_ANSWERED]
    notes = notes_of([step, *answers], found.customer.subject)
    return {
        "step": step,
        "reason": notes.get(step.row, ""),
        "answers": [(row, notes.get(row.row, "")) for row in answers],
        "changes": list(dict.fromkeys(row.get_step_display() for row in later if row.step in CHANGING)),
        "is_open": bool(unanswered_returns([found])),
    }
