"""Cases from another system, as JSON lines. The source's `id` is the identity: the same file twice changes nothing.

Nothing is invented: what the source does not say stays empty, the lesson above all (待总结).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from casebook.models import CasePage
from casebook.models.cases import LONGEST_TEXT
from casebook.outgoing import TITLE_LENGTH, outgoing
from casebook.services.bulk import PublishedCase, file_published_cases
from casebook.vocabulary import Library
from casebook.word_table import most_named, word_table
from estates.models import Estate, User
from estates.models.places import ESTATE_CODE
from text.cleaning import clean
from vault.personal_data import REFUSED, without_personal_data

BATCH = 500
LONGEST_TITLE = 255
LONGEST_SOURCE_ID = 80
TIME_FORMATS = ("%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d", "%Y-%m-%d")
DISTRICT = re.compile(r"(?<![A-Z0-9])(?:[A-Z]市)?([A-Z]\d{1,2})(区|县|市)")
CITY = re.compile(r"(?<![A-Z0-9])([A-Z])市")
NOWHERE = ("NOWHERE", "未注明地点")


BYTE_ORDER_MARK = "\ufeff"
LONGEST_ESTATE_NAME = 60


class RowError(Exception):
    """A line that cannot become a case; the message says why."""


@dataclass
class ImportReport:
    """What an import did, or (dry run) would do."""

    filed: int = 0
    known: int = 0
    foreign: int = 0
    masked: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One line, checked: plain values only, no row of the database yet."""

    source_id: str
    record_date: date
    title: str
    description: str
    measure: str
    estate_code: str
    estate_name: str

    @property
    def whole(self) -> str:
        return f"{self.title}\n{self.description}"


def import_cases(
    lines: Iterable[str],
    *,
    by: User | None = None,
    dry_run: bool = False,
    progress: Callable[[int], object] = lambda count: None,
) -> ImportReport:
    """File every line about homes (not marked `"housing": false`) that is not known yet.

    Cut off half-way, the next run goes on from there. `progress` is told of every line that is done with.

    A line that cannot be used becomes an error with its number; the others are filed all the same.
    """
    report = ImportReport()
    known = set(CasePage.objects.exclude(source_id=None).values_list("source_id", flat=True))
    seen: dict[str, tuple[int, int]] = {}
    batch: list[SourceRow] = []
    for number, row in _rows(lines, report, progress):
        first, said = seen.setdefault(row.source_id, (number, hash(row)))
        if first != number and said != hash(row):
            named = {"line": number, "error": _("id 和第 %(first)d 行一样，内容不同，没有导入") % {"first": first}}
            report.errors.append(_("第 %(line)d 行：%(error)s") % named)
            progress(1)
            continue
        if row.source_id in known:
            report.known += 1
            progress(1)
            continue
        known.add(row.source_id)
        batch.append(row)
        if len(batch) == BATCH:
            _file(batch, by, report, dry_run=dry_run, progress=progress)
            batch = []
    _file(batch, by, report, dry_run=dry_run, progress=progress)
    return report


def _rows(
    lines: Iterable[str], report: ImportReport, progress: Callable[[int], object]
) -> Iterator[tuple[int, SourceRow]]:
    """The lines that can be used, with their numbers; the others are counted or reported, and are done with."""
    for number, line in enumerate(lines, 1):
        row = None
        try:
            data = _parsed(line) if line.strip() else None
            if data and data.get("housing") is False:
                report.foreign += 1
            elif data is not None:
                row = checked_row(data)
        except RowError as error:
            report.errors.append(_("第 %(line)d 行：%(error)s") % {"line": number, "error": error})
        if row:
            yield number, row
        else:
            progress(1)


def _parsed(line: str) -> dict[str, object]:
    try:
        data = json.loads(line.removeprefix(BYTE_ORDER_MARK), object_pairs_hook=_each_once)
    except json.JSONDecodeError as error:
        raise RowError(_("不是有效的 JSON（第 %(column)d 个字符）") % {"column": error.colno}) from error
    except (RecursionError, ValueError) as error:
        raise RowError(_("不是有效的 JSON（第 %(column)d 个字符）") % {"column": 1}) from error
    if not isinstance(data, dict):
        raise RowError(_("应是一个 JSON 对象"))
    return data


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Of a name that stands twice in an object one value would be lost."""
    data = dict(pairs)
    if len(data) != len(pairs):
        raise RowError(_("同一个名称写了两次"))
    return data


def checked_row(data: dict[str, object]) -> SourceRow:
    """What a line says, checked. Raises RowError."""
    source_id, title, text = (_text(data, name) for name in ("id", "title", "text"))
    if not source_id or len(source_id) > LONGEST_SOURCE_ID:
        raise RowError(_("缺少 id，或超过 %(limit)d 个字符") % {"limit": LONGEST_SOURCE_ID})
    if not text:
        raise RowError(_("缺少 text（问题说明）"))
    for name, value in (("text", text), ("reply", _text(data, "reply"))):
        if len(value) > LONGEST_TEXT:
            raise RowError(_("%(name)s 超过 %(limit)d 个字符") % {"name": name, "limit": LONGEST_TEXT})
    if len(title) > LONGEST_TITLE:
        raise RowError(_("title 超过 %(limit)d 个字符") % {"limit": LONGEST_TITLE})
    code, name = _estate_of(data, title, text)
    if len(name) > LONGEST_ESTATE_NAME:
        raise RowError(_("%(name)s 超过 %(limit)d 个字符") % {"name": "estate_name", "limit": LONGEST_ESTATE_NAME})
    return SourceRow(source_id, _day(_text(data, "time")), title, text, _text(data, "reply"), code, name)


def _text(data: dict[str, object], name: str) -> str:
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str | int):
        raise RowError(_("%(name)s 应是文字") % {"name": name})
    return clean(str(value)).strip()


def _day(text: str) -> date:
    for form in TIME_FORMATS:
        try:
            day = datetime.strptime(text, form).date()  # noqa: DTZ007  a record date has no zone
        except ValueError:
            continue
        if day > timezone.localdate():
            raise RowError(_("time 是将来的日期：%(text)s") % {"text": text})
        return day
    raise RowError(_("看不懂 time：“%(text)s”，应写成 2026-11-22 或 2026/11/22 08:30:00") % {"text": text})


def _estate_of(data: dict[str, object], title: str, text: str) -> tuple[str, str]:
    """Code and name: the ones the line gives, else the district named first in title or text."""
    if code := _text(data, "estate").upper():
        if not re.fullmatch(ESTATE_CODE.regex, code):
            raise RowError(_("estate 不是楼盘代码（2–8 个大写字母或数字）：%(code)s") % {"code": code})
        return code, _text(data, "estate_name") or code
    for source in (title, text):
        if found := DISTRICT.search(source):
            return found[1], f"{found[1]}{found[2]}"
    if found := CITY.search(title) or CITY.search(text):
        return f"{found[1]}0", f"{found[1]}市"
    return NOWHERE


def _file(
    batch: list[SourceRow],
    by: User | None,
    report: ImportReport,
    *,
    dry_run: bool,
    progress: Callable[[int], object],
) -> None:
    masked = [case_fields(row) for row in batch]
    report.masked += sum(hidden for _fields, hidden in masked)
    if not dry_run:
        file_rows(batch, [fields for fields, _hidden in masked], by)
    report.filed += len(batch)
    progress(len(batch))


def file_rows(batch: Sequence[SourceRow], fields: Sequence[dict[str, object]], by: User | None) -> list[CasePage]:
    """File them in one transaction, with the estates that they name."""
    naming: dict[str, SourceRow] = {}
    for row in batch:
        if row.estate_code not in naming or row.estate_name != row.estate_code == naming[row.estate_code].estate_name:
            naming[row.estate_code] = row
    estates = {code: _estate(row) for code, row in naming.items()}
    return file_published_cases(
        [
            PublishedCase(estates[row.estate_code], row.record_date, one, row.source_id)
            for row, one in zip(batch, fields, strict=True)
        ],
        by=by,
    )


def _estate(row: SourceRow) -> Estate:
    """The estate of that code; one that bears its code for want of a name gets the name that a line tells."""
    found = Estate.objects.filter(code=row.estate_code).first()
    if found and (found.name != found.code or row.estate_name == found.code):
        return found
    name = row.estate_name
    if Estate.objects.filter(name=name).exclude(code=row.estate_code).exists():
        name = f"{name[: LONGEST_ESTATE_NAME - len(row.estate_code) - 1]} {row.estate_code}"
    if found is None:
        return Estate.objects.create(code=row.estate_code, name=name)
    found.name = name
    found.save(update_fields=["name"])
    return found


def case_fields(row: SourceRow) -> tuple[dict[str, object], bool]:
    """Values of a case, phone and ID numbers hidden; and whether any were."""
    texts = {"title": row.title, "description": row.description, "measure": row.measure}
    hidden = {name: without_personal_data(text, REFUSED) for name, text in texts.items()}
    cleaned: dict[str, object] = {**hidden, "title": outgoing(hidden["title"] or hidden["description"][:TITLE_LENGTH])}
    category = most_named("category", row.whole)
    audience = dict.fromkeys(_libraries(category), True)
    fields = {**cleaned, **audience, "category": category, "stage": most_named("stage", row.whole)}
    return fields, hidden != texts


def _libraries(category: str) -> list[str]:
    """Customer service always; design or quality where the category says so."""
    return [Library.SERVICE.value, *word_table()["libraries"].get(category, [])]
