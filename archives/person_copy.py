"""The copy of everything that is held about a customer, for the customer; made in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from archives.access_report import entries_about
from archives.impersonal import staff_words_of, without_others
from archives.items import Value
from archives.models import DossierStep, Hold
from archives.models.history import notes_of
from archives.profiles import all_versions, latest_profile, masked
from archives.services.revealing import ordered_items
from archives.sheets import Sheet, printed_sheet
from archives.template import known_items
from archives.vocabulary import Channel
from estates.wording import enumeration
from vault.models.access import Act

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archives.models import DossierPage, PersonRequest, TemplateItem


def held_about(dossier: DossierPage) -> list[list[str]]:
    """Every line that the customer is entitled to see: what part, what, when. Raises what `vault.sealing` raises."""
    parts = (_profile, _earlier, _documents, _contacts, _notes, _readings)
    return [line for part in parts for line in part(dossier)]


def _profile(dossier: DossierPage) -> Iterator[list[str]]:
    profile = latest_profile(dossier.customer)
    for item in ordered_items(dossier, profile):
        yield [_("客户资料"), item.words, _in_words(item, profile[item.code])]


def _earlier(dossier: DossierPage) -> Iterator[list[str]]:
    """What the versions before this one said otherwise."""
    known, versions = known_items(), all_versions(dossier.customer)
    now = versions.get(dossier.customer.latest, {})
    for number, profile in sorted(versions.items()):
        if number == dossier.customer.latest:
            continue
        for code, value in profile.items():
            if code in known and now.get(code) != value:
                part = _("资料的以前版本（第 %(n)d 版）") % {"n": number}
                yield [part, known[code].words, _in_words(known[code], value)]


def _notes(dossier: DossierPage) -> Iterator[list[str]]:
    """What was written with a step of the dossier or a hold."""
    for rows in (list(dossier.steps.all()), list(dossier.holds.all())):
        notes = notes_of(rows, dossier.customer.subject)
        for row in rows:
            if row.row in notes:
                yield [_("备注"), _what(row), without_others(notes[row.row], dossier.customer)]


def _what(row: DossierStep | Hold) -> str:
    if isinstance(row, Hold):
        return f"{date_format(localtime(row.set_at), 'Y-m-d')} {row.get_kind_display()}"
    return f"{date_format(localtime(row.at), 'Y-m-d')} {row.get_step_display()}"


def _in_words(item: TemplateItem, value: Value) -> str:
    shown = dict(item.choices)
    return enumeration(shown.get(part, part) for part in (value if isinstance(value, list) else [value]))


def _documents(dossier: DossierPage) -> Iterator[list[str]]:
    rows = list(dossier.documents.all())
    names = notes_of(rows, dossier.customer.subject)
    for row in rows:
        added = date_format(localtime(row.added_at), "Y-m-d")
        yield [_("档案文件"), str(row), f"{without_others(names.get(row.row, ''), dossier.customer)} {added}".strip()]


def _contacts(dossier: DossierPage) -> Iterator[list[str]]:
    rows = list(dossier.contacts.all())
    notes = notes_of(rows, dossier.customer.subject)
    for row in rows:
        yield [
            _("联系记录"),
            f"{row.on.isoformat()} {Channel(row.channel).label}",
            without_others(notes.get(row.row, ""), dossier.customer),
        ]


def _readings(dossier: DossierPage) -> Iterator[list[str]]:
    """Who was given or shown it; staff by role."""
    entries = list(entries_about(dossier).order_by("-sequence"))
    staff = staff_words_of({entry.who_id for entry in entries if entry.who_id})
    for entry in entries:
        when = date_format(localtime(entry.at), "Y-m-d H:i")
        who = staff[entry.who_id] if entry.who_id else _("系统")
        yield [_("谁看过"), f"{when} {who}", str(Act(entry.act).label)]


def person_copy(request: PersonRequest, rows: list[list[str]]) -> bytes:
    """A PDF of the lines, marked as the copy for this person."""
    dossier = request.dossier
    who = masked(latest_profile(dossier.customer), dossier.customer.kind)
    named = {"kind": request.get_kind_display(), "number": request.number, "day": request.received_on.isoformat()}
    return printed_sheet(
        Sheet(
            title=_("个人信息副本"),
            number=dossier.key,
            about=f"{dossier.place_words} · {who.name} {who.mobile}\n"
            + _("依据 %(day)s 的%(kind)s请求（第 %(number)d 次）提供，仅供本人使用") % named,
            columns=[_("哪一部分"), _("项目"), _("内容")],
            rows=rows,
            note=_("文件原件可当面查看。对内容有异议的，可以请求更正。"),
        )
    )


def reply_sheet(request: PersonRequest) -> bytes:
    """The answer on paper: what was asked, what was done where, or why it cannot be done."""
    dossier = request.dossier
    rows = [[place, effect] for place, effect in request.effect_words]
    answered = date_format(localtime(request.answered_at), "Y-m-d") if request.answered_at else "—"
    named = {
        "kind": request.get_kind_display(),
        "day": request.received_on.isoformat(),
        "state": request.get_state_display(),
        "answered": answered,
    }
    gone = not dossier.customer.latest
    return printed_sheet(
        Sheet(
            title=_("个人信息请求答复书"),
            number=dossier.key,
            about=_("%(day)s 提出的%(kind)s请求：%(state)s（%(answered)s 答复）") % named,
            columns=[_("保存的地方"), _("办理结果")],
            rows=rows,
            empty=_("各处的内容没有变动。"),
            note="" if gone else without_others(request.note(dossier.customer.subject), dossier.customer),
        )
    )
