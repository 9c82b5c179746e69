"""How an import stands, and what it hands back: rows to be corrected, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from exchange.importers import WORDS, importer_of
from exchange.models import ImportBatch, ImportChunk
from exchange.spreadsheets import workbook
from exchange.table_parts import REFUSALS

if TYPE_CHECKING:
    from exchange.importers import Importer

State, Part = ImportBatch.State, ImportChunk.State


@dataclass(frozen=True, slots=True)
class Tally:
    """How a batch stands: rows with a problem, that were there already, made, and kept when it was undone."""

    bad: int
    known: int
    made: int
    kept: int
    chunks: int
    left: int


def tally(batch: ImportBatch) -> Tally:
    chunks = list(batch.chunks.defer("sealed"))
    busy = {State.WRITING: (Part.CHECKED,), State.UNDOING: (Part.WRITTEN, Part.UNDONE), State.CHECKING: (Part.WAITING,)}
    waiting = busy.get(State(batch.state), ())
    return Tally(
        bad=sum(len({one[0] for one in chunk.problems}) for chunk in chunks),
        known=sum(chunk.known for chunk in chunks),
        made=sum(len(chunk.made) for chunk in chunks if chunk.state == Part.WRITTEN),
        kept=sum(len(chunk.kept) for chunk in chunks),
        chunks=len(chunks),
        left=sum(chunk.state in waiting for chunk in chunks),
    )


def problems_of(batch: ImportBatch, most: int | None = None) -> list[tuple[int, str, str]]:
    """Row number, column heading and words of each problem, in order."""
    told: list[tuple[int, str, str]] = []
    headings, words = _headings(batch), _words(batch)
    for chunk in batch.chunks.exclude(problems=[]).defer("sealed").order_by("number"):
        told += [(one.row, headings.get(one.column, ""), words[one.code] % one.named) for one in chunk.found]
        if most is not None and len(told) >= most:
            return told[:most]
    return told


def kept_of(batch: ImportBatch) -> list[tuple[int, str]]:
    """Rows that stayed when the batch was undone, and why."""
    words = _words(batch)
    chunks = batch.chunks.exclude(kept=[]).defer("sealed").order_by("number")
    return [(row, words[code]) for chunk in chunks for row, code in chunk.kept]


def refusal_of(batch: ImportBatch) -> str:
    """Why the file could not be read; empty where it could."""
    if not batch.refusal:
        return ""
    named, headings = dict(batch.refusal["named"]), _headings(batch)
    if codes := str(named.get("codes", "")).split():
        named["columns"] = "、".join(headings.get(code, code) for code in codes)
    return str(REFUSALS[batch.refusal["code"]]) % named


def _headings(batch: ImportBatch) -> dict[str, str]:
    return {column.code: column.heading for column in importer_of(batch).columns(batch.options)}


def _words(batch: ImportBatch) -> dict[str, str]:
    return {**{code: str(text) for code, text in WORDS.items()}, **importer_of(batch).words}


def sheet_of_problems(batch: ImportBatch) -> bytes:
    """An XLSX of the rows that could not be used, as they came, with what is wrong: to be corrected and sent in again.

    Raises what `vault.sealing.unseal` raises.
    """
    headings, words = _headings(batch), _words(batch)
    columns = [(_("问题"), 50), *((headings[code], 20) for code in batch.columns)]
    return workbook(_("待更正"), columns, _bad_rows(batch, headings, words))


def _bad_rows(batch: ImportBatch, headings: Mapping[str, str], words: Mapping[str, str]) -> Iterator[list[str]]:
    for chunk in batch.chunks.exclude(problems=[]).order_by("number"):
        chunk.batch = batch
        told: dict[int, list[str]] = {}
        for one in chunk.found:
            said = words[one.code] % one.named
            told.setdefault(one.row, []).append(f"{headings[one.column]}：{said}" if one.column in headings else said)
        for row in chunk.opened_rows():
            if row.number in told:
                yield ["；".join(told[row.number]), *(row.cells.get(code, "") for code in batch.columns)]


def blank_sheet(importer: Importer, options: Mapping[str, Any]) -> bytes:
    """An empty table with the headings that the importer looks for; required ones bear an asterisk."""
    columns = importer.columns(options)
    return workbook(
        importer.title, [(f"{column.heading}{'*' if column.required else ''}", 18) for column in columns], []
    )
