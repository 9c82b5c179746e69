"""One timeline of everything that happened to a dossier and its home."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time
from typing import TYPE_CHECKING

from django.utils.timezone import make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from archives import policies
from archives.models import DossierPage, DossierStep
from archives.models.history import notes_of
from archives.template import known_items
from archives.vocabulary import Channel, Confirming, DocumentKind, Gate, LoanState, Step
from estates.timeline import Event, events_of
from estates.wording import enumeration

if TYPE_CHECKING:
    from estates.models import User

CLASSES = {
    "need": gettext_lazy("客户需求"),
    "channel": gettext_lazy("资料来源"),
    "shelf_mark": gettext_lazy("纸质档案位置"),
}
MOST = 200
TOLD_BY_LOANS = (Step.LENT, Step.GIVEN_BACK)


def events_about(user: User, dossier: DossierPage) -> list[Event]:
    """Steps, contacts and loans of the dossier, and what other rooms tell of the home; the newest first."""
    reads = policies.may_read_documents(user, dossier)
    rows = [*dossier.steps.exclude(sealed_note=b"")[:MOST], *dossier.contacts.all()[:MOST]] if reads else []
    notes = notes_of(rows, dossier.customer.subject)
    told = [*_steps(dossier, notes), *_loans(dossier)]
    if reads:
        told += list(_contacts(dossier, notes))
    told += [event for event in events_of(user, dossier.unit) if event.url != dossier.get_absolute_url()]
    return sorted(told, key=lambda event: event.at, reverse=True)[:MOST]


def _steps(dossier: DossierPage, notes: Mapping[str, str]) -> Iterator[Event]:
    names = {code: item.words for code, item in known_items().items()}
    for step in dossier.steps.exclude(step__in=TOLD_BY_LOANS).select_related("by")[:MOST]:
        words = [_step_words(step, names), notes.get(step.row, "")]
        yield Event(step.at, str(Step(step.step).label), " · ".join(filter(None, words)), str(step.by or ""))


def _step_words(step: DossierStep, names: dict[str, str]) -> str:
    detail = step.detail
    if step.step == Step.ENTERED:
        codes = [names.get(code, code) for code in detail["items"]]
        shown = enumeration(codes[:6])
        return _("%(items)s 等 %(count)d 项") % {"items": shown, "count": len(codes)} if len(codes) > 6 else shown  # noqa: PLR2004
    if step.step == Step.CLASSIFIED:
        return enumeration(CLASSES[name] for name in detail["fields"])
    if step.step == Step.DOCUMENT:
        named = {"kind": DocumentKind(detail["kind"]).label, "title": detail["title"], "version": detail["version"]}
        return _("%(kind)s %(title)d，第 %(version)d 版") % named
    if step.step == Step.CONFIRMED:
        return f"{Confirming(detail['how']).label} {detail['on']}"
    if step.step == Step.FILED:
        return str(detail["number"])
    return str(Gate(step.gate).label) if step.gate else ""


def _contacts(dossier: DossierPage, notes: Mapping[str, str]) -> Iterator[Event]:
    for contact in dossier.contacts.select_related("by")[:MOST]:
        at = make_aware(datetime.combine(contact.on, time(12)))
        words = f"{Channel(contact.channel).label} · {notes.get(contact.row, '')}"
        yield Event(at, _("联系记录"), words, str(contact.by))


def _loans(dossier: DossierPage) -> Iterator[Event]:
    for loan in dossier.loans.select_related("borrower", "approved_by"):
        who = str(loan.borrower or _("外单位"))
        named = {"medium": loan.get_medium_display(), "who": who, "due": loan.due_on.isoformat()}
        if loan.out_at:
            yield Event(loan.out_at, _("借出"), _("%(medium)s，%(who)s，%(due)s 前归还") % named, str(loan.approved_by))
        if loan.back_at and loan.state == LoanState.BACK:
            yield Event(loan.back_at, _("归还"), who)
