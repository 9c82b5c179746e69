"""What a person typed, as a query. Nothing that can be typed is an error: what makes no sense is searched as it stands.

渗漏 地下车库          both            "地下车库渗漏" “…” 「…」   as written
渗漏 OR 渗水           either          -投诉 －投诉 NOT 投诉      without
楼盘:云栖湾 estate:YLW 部门:设计 类型:案例 月份:2026-11 日期:2026-01..2026-03
3栋2单元1201  YLW-AL-2026-00001        recognised anywhere
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from estates.unit_codes import find_units, fold_with_origin
from search import analysis
from search.analysis.normalise import without_stray_blanks
from search.analysis.streams import (
    HYPHENED,
    QUESTION_WORDS,
    RECORD_NUMBER,
    joined_code,
    number_code,
    unit_query_code,
)
from search.fields import FIELD_OF, values_named
from search.queries import Alternative, Audience, Code, Query, Selection, Term

LONGEST_QUERY = 400
MOST_TERMS = 24
MOST_ALTERNATIVES = 8
QUOTES = {'"': '"', "“": "”", "”": "“", "„": "“", "「": "」", "『": "』", "＂": "＂"}
MINUS = "-－−–—"
NOT, OR = {"NOT", "ＮＯＴ"}, {"OR", "ＯＲ", "|", "｜", "||"}
PART = re.compile(
    rf"(?P<minus>(?<![^\s(（])[{MINUS}])?"
    r"(?:(?P<field>[^\s:：\"“”「」『』]{1,10})[:：](?=\S))?"
    r"(?:(?P<open>[\"“”„「『＂])|(?P<word>\S))"
)
QUESTIONS = re.compile("|".join(QUESTION_WORDS.split()))
DAY = r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?|年)?"
SPAN = re.compile(rf"(?P<left>{DAY})?(?P<dots>\.\.|…|至|到|~)?(?P<right>{DAY})?")
LATIN_WORD = re.compile(r"[a-z0-9]{2,40}")
JOINT = re.compile(r"[\s,，、;；。!！?？]+")

Synonyms = Mapping[str, tuple[str, ...]]


@dataclass
class _Parts:
    """What has been read so far."""

    groups: list[tuple[Alternative, ...]] = field(default_factory=list)
    excluded: list[Alternative] = field(default_factory=list)
    facets: dict[str, frozenset[str]] = field(default_factory=dict)
    without: dict[str, frozenset[str]] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None
    unknown: list[str] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)
    quotes: bool = False
    joins: bool = False
    negates: bool = False

    def take(self, alternatives: tuple[Alternative, ...], *, excluded: bool) -> None:
        if not alternatives:
            return
        if excluded or self.negates:
            self.excluded.extend(alternatives)
        elif self.joins and self.groups:
            self.groups[-1] = (*self.groups[-1], *alternatives)
        elif len(self.groups) < MOST_TERMS:
            self.groups.append(alternatives)
        self.joins = self.negates = False


def parse(  # noqa: PLR0913  each is a part of the question
    text: str,
    *,
    audience: Audience,
    facets: Mapping[str, str] | None = None,
    kinds: frozenset[str] = frozenset(),
    synonyms: Synonyms | None = None,
    by_date: bool = False,
    seen: frozenset[int] = frozenset(),
    limit: int = 20,
) -> Query:
    """`facets` and `kinds` were chosen by click and hold beside what the text says. Texts are cut at LONGEST_QUERY."""
    parts = _Parts()
    text = without_stray_blanks(text[:LONGEST_QUERY].replace("\0", " "))
    for piece in _pieces(text):
        _read(piece, parts, synonyms or {})
    chosen = {name: frozenset({value}) for name, value in (facets or {}).items()}
    if kinds:
        chosen["kind"] = kinds
    both = {
        name: chosen[name] & parts.facets[name] if name in chosen and name in parts.facets else values
        for name, values in (parts.facets | chosen).items()
    }
    selection = Selection(
        audience=audience,
        groups=tuple(parts.groups),
        excluded=tuple(parts.excluded),
        facets=both,
        without=parts.without,
        since=parts.since,
        until=parts.until,
    )
    words = tuple(dict.fromkeys(analysis.words(" ".join(parts.plain))))
    return Query(
        selection,
        words,
        "" if parts.quotes else " ".join(parts.plain),
        unknown=tuple(parts.unknown),
        by_date=by_date,
        seen=seen,
        limit=limit,
    )


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word, a quoted text or a code, with what stood before it."""

    text: str
    field: str = ""
    excluded: bool = False
    quoted: bool = False
    code: Code | None = None


def _pieces(text: str) -> Iterator[_Piece]:
    """The text from left to right; units and record numbers win over everything but a quotation."""
    found = {start: (end, code) for start, end, code in _codes(text)}
    at = 0
    while at < len(text):
        if at in found:
            end, code = found[at]
            yield _Piece(text[at:end], code=code, excluded=_minus_before(text, at))
            at = end
            continue
        match = PART.match(text, at)
        if match is None:
            at += 1
            continue
        name = FIELD_OF.get((match["field"] or "").lower(), "")
        start = match.end() - 1 if name or not match["field"] else match.start("field")
        excluded = bool(match["minus"])
        if excluded and start in found:
            at = start
            continue
        if match["open"] and (name or not match["field"]):
            close = text.find(QUOTES[match["open"]], start + 1)
            stop = close if close > start else len(text)
            yield _Piece(text[start + 1 : stop], name, excluded, quoted=True)
            at = stop + 1
        else:
            stop = _end_of_word(text, start, found)
            yield _Piece(text[start:stop], name, excluded)
            at = stop


def _minus_before(text: str, at: int) -> bool:
    return at > 0 and text[at - 1] in MINUS and (at == 1 or text[at - 2].isspace())


def _end_of_word(text: str, start: int, found: Mapping[int, object]) -> int:
    at = start
    while at < len(text) and not text[at].isspace() and (at == start or at not in found):
        if at > start and text[at] in QUOTES:
            break
        at += 1
    return at


def _codes(text: str) -> Iterator[tuple[int, int, Code]]:
    """Spans of units and record numbers, left to right."""
    folded, origin = fold_with_origin(text)
    spans = [(u.start, u.end, unit_query_code(u.code), u.code.written) for u in find_units(folded)]
    taken = {position for start, end, *_ in spans for position in range(start, end)}
    plain = folded.lower()
    numbers = RECORD_NUMBER.finditer(plain) if len(plain) == len(folded) else ()
    spans += [(m.start(), m.end(), number_code(m[0]), m[0].upper()) for m in numbers if m.start() not in taken]
    for start, end, token, written in sorted(spans):
        yield origin[start], origin[end - 1] + 1, Code(written, token)


def _read(piece: _Piece, parts: _Parts, synonyms: Synonyms) -> None:
    if piece.code:
        parts.take((piece.code,), excluded=piece.excluded)
    elif piece.field:
        _read_field(piece, parts, synonyms)
    elif piece.quoted:
        parts.take(_exactly(piece.text), excluded=piece.excluded)
        parts.plain.append(piece.text)
        parts.quotes = True
    elif piece.text in OR and not piece.excluded:
        parts.joins = True
    elif piece.text in NOT and not piece.excluded:
        parts.negates = True
    else:
        _read_word(piece, parts, synonyms)


def _read_word(piece: _Piece, parts: _Parts, synonyms: Synonyms) -> None:
    """Commas separate like blanks; question words are left out, unless nothing else is there."""
    for word in filter(None, JOINT.split(piece.text)):
        asked = [part for part in QUESTIONS.split(word) if analysis.phrase(part)] or [word]
        for part in asked:
            parts.take(_alternatives(part, synonyms), excluded=piece.excluded)
        if not piece.excluded:
            parts.plain.append(word)


def _exactly(text: str) -> tuple[Alternative, ...]:
    found = analysis.phrase(text)
    return (Term(analysis.normalise(text), found.grams, found.marks),) if found else ()


def _alternatives(word: str, synonyms: Synonyms) -> tuple[Alternative, ...]:
    """The word, and whatever means the same: words of the other side of the strait, wi-fi and wifi, synonyms."""
    plain = analysis.normalise(word)
    texts = dict.fromkeys([plain, analysis.in_mainland_words(word), *_with_synonyms(plain, synonyms)])
    if HYPHENED.fullmatch(plain):
        texts[plain.replace("-", "")] = None
    found: list[Alternative] = [one for text in list(texts)[:MOST_ALTERNATIVES] for one in _exactly(text)]
    if LATIN_WORD.fullmatch(plain) or HYPHENED.fullmatch(plain):
        found.append(Code(plain, joined_code(plain)))
    found += [Code(plain, token) for token in analysis.person_query_codes(plain)]
    return tuple(found)


def _with_synonyms(plain: str, synonyms: Synonyms) -> Iterator[str]:
    for word, others in synonyms.items():
        if word in plain:
            yield from (plain.replace(word, other) for other in others)


def _read_field(piece: _Piece, parts: _Parts, synonyms: Synonyms) -> None:
    value = piece.text.strip()
    if piece.field in ("date", "month") and (span := _span(value)) and not piece.excluded:
        parts.since, parts.until = span
    elif values := values_named(piece.field, value):
        kept = parts.without if piece.excluded or parts.negates else parts.facets
        kept[piece.field] = kept.get(piece.field, frozenset()) | values
        parts.negates = False
    else:
        parts.unknown.append(value)
        _read_word(replace(piece, field=""), parts, synonyms)


def _span(value: str) -> tuple[date | None, date | None] | None:
    """`2026`, `2026-11`, `2026年11月5日`, `2026-01..2026-03`, `2026-01..`, `..2026-03`; None for anything else."""
    match = SPAN.fullmatch(value)
    if not match or not (match["left"] or match["right"]):
        return None
    left = _days(match["left"]) if match["left"] else None
    right = _days(match["right"]) if match["right"] else None
    if (match["left"] and not left) or (match["right"] and not right) or (left and right and not match["dots"]):
        return None
    if not match["dots"]:
        return left
    return (left[0] if left else None), (right[1] if right else None)


def _days(text: str) -> tuple[date, date] | None:
    """The first and the last day of a year, month or day; None for a day that no calendar has."""
    match = re.fullmatch(DAY, text)
    if match is None:
        return None
    year, month, day = (int(part) if part else 0 for part in match.groups())
    try:
        if day:
            return date(year, month, day), date(year, month, day)
        if month:
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        return date(year, 1, 1), date(year, 12, 31)
    except (ValueError, calendar.IllegalMonthError):
        return None
