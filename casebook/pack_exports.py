"""A pack on paper and as a sheet: what was asked, what was answered, what was accepted, under which conditions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from casebook.models import Answer, Condition, PackItem, ReviewPack
from casebook.reasons import verdict_word
from casebook.sheets import impersonal
from casebook.vocabulary import Discipline
from estates.models import User
from exchange.printing import printable, typeset
from exchange.spreadsheets import Value, workbook

TEMPLATE = Path(__file__).parent / "printing" / "review_pack.typ"


def pack_rows(pack: ReviewPack, user: User) -> bytes:
    """An XLSX with a row for each item that the user may see; the export is in the log."""
    columns = [
        (_("次序"), 6),
        (_("案例编号"), 20),
        (_("标题"), 36),
        (_("专业"), 14),
        (_("经验教训，或要避免的问题"), 60),
        (_("对下一个设计的要求"), 50),
        (_("结论"), 10),
        (_("图号"), 14),
        (_("版次"), 8),
        (_("页码"), 6),
        (_("说明"), 50),
        (_("答复人"), 16),
        (_("答复时间"), 18),
        (_("状态"), 12),
        (_("附带条件"), 40),
        (_("期限"), 12),
    ]
    log(pack, "casebook.export", user=user, data={"pack": pack.pk})
    return workbook(_("审查包"), columns, _rows(pack, user))


def _rows(pack: ReviewPack, user: User) -> Iterator[list[Value]]:
    conditions = _conditions(pack)
    for item, answer in answered_items(pack, user):
        condition = conditions.get(item.pk)
        yield [
            item.position,
            item.shown.get("number", ""),
            item.shown["title"],
            str(Discipline(item.discipline).label),
            item.shown["lesson"] or item.shown["description"],
            item.shown["requirement"],
            verdict_word(item, item.verdict),
            *_answer_cells(answer),
            item.get_state_display(),
            condition.demand if condition else "",
            condition.due_on if condition else None,
        ]
    told = {"who": user, "day": timezone.localdate()}
    yield [None, _("导出人：%(who)s，%(day)s") % told]


def _answer_cells(answer: Answer | None) -> list[Value]:
    if answer is None:
        return ["", "", None, "", "", ""]
    when = f"{timezone.localtime(answer.answered_at):%Y-%m-%d %H:%M}"
    return [answer.drawing_number, answer.drawing_revision, answer.page, answer.note, answer.who, when]


def pack_sheet(pack: ReviewPack, user: User) -> bytes:
    """A PDF: head, items with answers, conditions, signature; page numbers and print time in the foot."""
    conditions = _conditions(pack)
    items = list(answered_items(pack, user))
    sign_off = getattr(pack, "sign_off", None)
    data = {
        "title": printable(f"{pack.stage.project} · {pack.stage.get_kind_display()}").text,
        "kind": _("经验审查包"),
        "facts": printable(_facts(pack, len(items))).text,
        "printed": _("打印于 %(time)s") % {"time": f"{timezone.localtime():%Y-%m-%d %H:%M}"},
        "signed": _signed(pack) if sign_off else _("尚未签认"),
        "digest": sign_off.digest if sign_off else "",
        "digest_label": _("校验码"),
        "headings": [_("次序"), _("经验"), _("答复")],
        "items": [_item_told(item, answer, conditions.get(item.pk)) for item, answer in items],
        "names": [_("客服签认"), _("设计负责人"), _("日期")],
    }
    return typeset(TEMPLATE, data, {})


def _facts(pack: ReviewPack, count: int) -> str:
    round_words = _("第 %(n)d 轮") % {"n": pack.round}
    return " · ".join([pack.get_library_display(), round_words, _("%(n)d 条") % {"n": count}, pack.get_state_display()])


def _signed(pack: ReviewPack) -> str:
    sign_off = pack.sign_off
    day = f"{timezone.localtime(sign_off.signed_at):%Y-%m-%d %H:%M}"
    words = _("%(who)s 于 %(day)s 签认") % {"who": sign_off.signed_by, "day": day}
    return printable(f"{words} {sign_off.remark}".strip()).text


def _item_told(item: PackItem, answer: Answer | None, condition: Condition | None) -> dict[str, str]:
    shown = item.shown
    ask = shown["lesson"] or _("要避免的问题：%(problem)s") % {"problem": shown["description"]}
    needed = (
        _("附带条件：%(demand)s，%(day)s 前") % {"demand": condition.demand, "day": condition.due_on}
        if condition
        else ""
    )
    who = f"{answer.who} {timezone.localtime(answer.answered_at):%Y-%m-%d}" if answer else ""
    told = {
        "place": str(item.position),
        "title": shown["title"],
        "number": shown.get("number", ""),
        "ask": impersonal(ask),
        "requirement": impersonal(shown["requirement"]),
        "verdict": verdict_word(item, item.verdict) or _("待回答"),
        "state": item.get_state_display(),
        "where": answer.where if answer else "",
        "note": answer.note if answer else "",
        "who": who,
        "condition": needed,
    }
    return {name: printable(text).text for name, text in told.items()}


def answered_items(pack: ReviewPack, user: User) -> Iterator[tuple[PackItem, Answer | None]]:
    """The items that the user may see, in order, each with its latest answer."""
    given = Prefetch("given", Answer.objects.select_related("answered_by", "link").order_by("sequence"))
    for item in PackItem.objects.visible_to(user).filter(pack=pack).prefetch_related(given):
        answers = list(item.given.all())
        yield item, answers[-1] if answers else None


def _conditions(pack: ReviewPack) -> dict[int, Condition]:
    return {condition.item_id: condition for condition in Condition.objects.filter(sign_off__pack=pack)}
