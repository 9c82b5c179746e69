"""One timeline of everything that happened to a dossier and its home."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from django.utils.timezone import make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from archives import policies
from archives.life_vocabulary import HoldKind, RequestKind, RequestState
from archives.models import DossierPage, DossierStep, TemplateItem
from archives.models.history import notes_of
from archives.profiles import Profile, all_versions
from archives.template import known_items
from archives.vocabulary import DEED, Channel, Confirming, DocumentKind, Gate, LoanState, Need, Step
from estates.timeline import Event, events_of
from estates.wording import enumeration

if TYPE_CHECKING:
    from archives.items import Value
    from estates.models import User

CLASSES = {
    "need": gettext_lazy("客户需求"),
    "channel": gettext_lazy("资料来源"),
    "shelf_mark": gettext_lazy("纸质档案位置"),
}
CHOICES = {"need": Need, "channel": Channel}
MOST = 200
NAMED = 6
Detail = dict[str, Any]
BY_VERSION = (Step.ENTERED, Step.CHANGE_APPROVED)
CHANGES = (Step.CHANGE_ASKED, Step.CHANGE_WEAK, Step.CHANGE_REFUSED)
TOLD_BY_LOANS = (Step.LENT, Step.GIVEN_BACK)


@dataclass(frozen=True, slots=True)
class Opened:
    """What the timeline may tell in the clear: notes by row, profiles by version, the items that the person may see."""

    notes: Mapping[str, str]
    profiles: Mapping[int, Profile]
    items: frozenset[str]


SHUT = Opened({}, {}, frozenset())


def events_about(user: User, dossier: DossierPage, *, in_clear: bool = False) -> list[Event]:
    """Steps, contacts and loans of the dossier, and what other rooms tell of the home; the newest first. What was said,
    written and changed about the customer is told only `in_clear`, for customer service."""
    reads = policies.may_read_documents(user, dossier)
    known = known_items()
    told: list[Event] = []
    for one in (dossier, *dossier.merged_from.select_related("customer")):
        opened = _opened(user, one, known) if reads and in_clear else SHUT
        told += [*_steps(one, known, opened), *_loans(one)]
        if reads:
            told += _contacts(one, opened)
    told += [event for event in events_of(user, dossier.unit) if event.url != dossier.get_absolute_url()]
    return sorted(told, key=lambda event: event.at, reverse=True)[:MOST]


def _opened(user: User, dossier: DossierPage, known: Mapping[str, TemplateItem]) -> Opened:
    rows = [*dossier.steps.exclude(sealed_note=b"")[:MOST], *dossier.contacts.all()[:MOST]]
    levels = policies.revealed_to(user, dossier)
    seen = frozenset(code for code, item in known.items() if item.sensitivity in levels)
    return Opened(notes_of(rows, dossier.customer.subject), all_versions(dossier.customer), seen)


def _steps(dossier: DossierPage, known: Mapping[str, TemplateItem], opened: Opened) -> Iterator[Event]:
    for step in dossier.steps.exclude(step__in=TOLD_BY_LOANS).select_related("by")[:MOST]:
        words = [_step_words(step, known, opened), opened.notes.get(step.row, "")]
        yield Event(step.at, str(Step(step.step).label), " · ".join(filter(None, words)), step.done_by)


def is_tellable(step: DossierStep, known: Mapping[str, TemplateItem]) -> bool:
    """Whether the detail of a step that came from elsewhere is what its kind of step has."""
    try:
        _step_words(step, known, SHUT)
    except (AttributeError, KeyError, TypeError, ValueError):
        return False
    return True


def _step_words(step: DossierStep, known: Mapping[str, TemplateItem], opened: Opened) -> str:
    if step.step in BY_VERSION:
        return _entered(step.detail["items"], step.detail["version"], known, opened)
    if step.step in CHANGES:
        named = enumeration(known[code].words for code in step.detail["items"] if code in known)
        return _("第 %(number)d 次：%(items)s") % {"number": step.detail["change"], "items": named}
    if tell := TOLD.get(Step(step.step)):
        told = tell(step.detail)
        if step.step == Step.DEED and step.detail.get("version") in opened.profiles:
            told = f"{told} · {_entered([DEED], step.detail['version'], known, opened)}"
        return told
    return str(Gate(step.gate).label) if step.gate else ""


def _classified(detail: Detail) -> str:
    return enumeration(_reclassified(name, *change) for name, change in detail["fields"].items())


def _document(detail: Detail) -> str:
    named = {"kind": DocumentKind(detail["kind"]).label, "title": detail["title"], "version": detail["version"]}
    return _("%(kind)s %(title)d，第 %(version)d 版") % named


def _confirmed(detail: Detail) -> str:
    return f"{Confirming(detail['how']).label} {detail['on']}"


def _deed(detail: Detail) -> str:
    day = f"{detail['was']} → {detail['on']}" if "was" in detail else str(detail["on"])
    return f"{day} · {_('产权证号已填') if detail['number'] else _('产权证号未填')}"


def _merged(detail: Detail) -> str:
    return str(detail.get("with") or f"→ {detail['into']}")


def _on(detail: Detail) -> str:
    return str(detail["on"])


def _hold(detail: Detail) -> str:
    return str(HoldKind(detail["kind"]).label)


def _disposed(detail: Detail) -> str:
    return str(detail["list"])


def _request(detail: Detail) -> str:
    words = [str(RequestKind(detail["kind"]).label), str(detail["request"])]
    return " · ".join([*words, str(RequestState(detail["state"]).label)] if "state" in detail else words)


def _filed(detail: Detail) -> str:
    return str(detail["number"])


TOLD: dict[Step, Callable[[Detail], str]] = {
    Step.CLASSIFIED: _classified,
    Step.DOCUMENT: _document,
    Step.CONFIRMED: _confirmed,
    Step.FILED: _filed,
    Step.DEED: _deed,
    Step.REQUEST_TAKEN: _request,
    Step.REQUEST_COPIED: _request,
    Step.REQUEST_ANSWERED: _request,
    Step.TENURE_ENDED: _on,
    Step.HELD: _hold,
    Step.RELEASED: _hold,
    Step.DISPOSED: _disposed,
    Step.MERGED: _merged,
    Step.UNMERGED: _merged,
}
"""How a step's detail is told, in the clear for everybody who sees the dossier."""


def _entered(codes: list[str], version: int, known: Mapping[str, TemplateItem], opened: Opened) -> str:
    """Which items changed; in the clear from what to what."""
    names = [known[code].words if code in known else code for code in codes]
    if version in opened.profiles:
        before, after = opened.profiles.get(version - 1, {}), opened.profiles[version]
        names = [
            f"{name} {_told(before.get(code))} → {_told(after.get(code))}" if code in opened.items else name
            for code, name in zip(codes, names, strict=True)
        ]
        return enumeration(names)
    shown = enumeration(names[:NAMED])
    return _("%(items)s 等 %(count)d 项") % {"items": shown, "count": len(names)} if len(names) > NAMED else shown


def _told(value: Value | None) -> str:
    if not value:
        return _("（空）")
    return enumeration(value) if isinstance(value, list) else value


def _reclassified(name: str, before: str, after: str) -> str:
    words = dict(CHOICES[name].choices) if name in CHOICES else {}
    was, became = (str(words.get(value, value)) or _("（空）") for value in (before, after))
    return f"{CLASSES[name]} {was} → {became}"


def _contacts(dossier: DossierPage, opened: Opened) -> Iterator[Event]:
    for contact in dossier.contacts.select_related("by")[:MOST]:
        at = make_aware(datetime.combine(contact.on, time(12)))
        words = [str(Channel(contact.channel).label), opened.notes.get(contact.row, "")]
        yield Event(at, _("联系记录"), " · ".join(filter(None, words)), contact.whose(contact.by))


def _loans(dossier: DossierPage) -> Iterator[Event]:
    for loan in dossier.loans.select_related("borrower", "approved_by"):
        who = str(loan.borrower or _("外单位"))
        named = {"medium": loan.get_medium_display(), "who": who, "due": loan.due_on.isoformat()}
        if loan.out_at:
            yield Event(loan.out_at, _("借出"), _("%(medium)s，%(who)s，%(due)s 前归还") % named, str(loan.approved_by))
        if loan.back_at and loan.state == LoanState.BACK:
            yield Event(loan.back_at, _("归还"), who)
