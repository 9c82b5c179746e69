"""Tables made to hurt whoever reads them, made here since no large file belongs in a repository."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

CONTENT_TYPES = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
<Override PartName="/xl/sharedStrings.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>"""
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="{office}/{kind}" Target="{target}"/>{more}</Relationships>"""
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
BOOK = f"""<?xml version="1.0"?><workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>
<sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>"""
HEADINGS = ("房号", "客户姓名", "手机", "通讯地址")
BLOCK = 1 << 16


def cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def row(number: int, cells: str) -> str:
    return f'<row r="{number}">{cells}</row>'


HEAD_ROW = row(1, "".join(cell(f"{letter}1", text) for letter, text in zip("ABCD", HEADINGS, strict=True)))


def first_row() -> str:
    texts = ("3-2-1201", "张三", "13800001234", "示例市示例路1号")
    return row(2, "".join(cell(f"{letter}2", text) for letter, text in zip("ABCD", texts, strict=True)))


def book(
    rows: Iterable[str],
    *,
    after: str = "",
    before: str = "",
    strings: Iterable[str] = (),
    other: Iterable[str] = (),
) -> bytes:
    """An XLSX of one sheet, written as a stream: what it unpacks to is never held."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as parts:
        more = f'<Relationship Id="rId2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        rels = {"_rels/.rels": ("officeDocument", "xl/workbook.xml", "")}
        rels["xl/_rels/workbook.xml.rels"] = ("worksheet", "worksheets/sheet1.xml", more)
        parts.writestr("[Content_Types].xml", CONTENT_TYPES)
        parts.writestr("xl/workbook.xml", BOOK)
        for name, (kind, target, further) in rels.items():
            parts.writestr(name, RELS.format(office=OFFICE, kind=kind, target=target, more=further))
        begin = f'{before}<worksheet xmlns="{MAIN}"><sheetData>{HEAD_ROW}'
        _stream(parts, "xl/worksheets/sheet1.xml", chain([begin], rows, [f"</sheetData>{after}</worksheet>"]))
        _stream(parts, "xl/sharedStrings.xml", chain([f'<sst xmlns="{MAIN}">'], strings, ["</sst>"]))
        for name in other:
            parts.writestr(name, b"")
    return out.getvalue()


def _stream(parts: zipfile.ZipFile, name: str, texts: Iterable[str]) -> None:
    with parts.open(name, "w", force_zip64=True) as part:
        for some in batched(texts):
            part.write(some)


def batched(texts: Iterable[str]) -> Iterator[bytes]:
    waiting: list[str] = []
    for text in texts:
        waiting.append(text)
        if len(waiting) == 1_000:
            yield "".join(waiting).encode()
            waiting = []
    yield "".join(waiting).encode()


def merged_sheet() -> bytes:
    return book([first_row()], after='<mergeCells><mergeCell ref="A5:XFD1048576"/></mergeCells>')


def many_merges(count: int) -> bytes:
    ranges = "".join(f'<mergeCell ref="A{n}:XFD{n + 5}"/>' for n in range(2, count + 2))
    return book([first_row()], after=f"<mergeCells>{ranges}</mergeCells>")


def shared_strings(count: int) -> bytes:
    return book([first_row()], strings=(f"<si><t>s{n}</t></si>" for n in range(count)))


def one_string_often(rows: int) -> bytes:
    """A text of 32,000 characters that a hundred thousand rows name."""
    cells = '<c t="s"><v>0</v></c>' * 4
    return book((f"<row>{cells}</row>" for _n in range(rows)), strings=[f"<si><t>{'漏' * 32_000}</t></si>"])


def blanks(size: int) -> bytes:
    """A sheet of so many blanks."""
    return book([first_row(), *(" " * BLOCK for _n in range(size // BLOCK))])


def one_cell(size: int) -> bytes:
    return book(
        chain(
            ['<row><c t="inlineStr"><is><t>'],
            ("漏" * BLOCK for _n in range(size // BLOCK // 3)),
            ["</t></is></c></row>"],
        )
    )


def one_row(cells: int) -> bytes:
    return book(chain(["<row>"], ("<c><v>1</v></c>" for _n in range(cells)), ["</row>"]))


def entries(count: int) -> bytes:
    return book([first_row()], other=(f"x/{n}" for n in range(count)))


def corner_cell() -> bytes:
    return book([first_row(), row(1_048_576, cell("XFD1048576", "x"))], before="")


def wide_rows(count: int) -> bytes:
    return book([first_row(), *(row(n, cell(f"A{n}", "x") + cell(f"XFD{n}", "x")) for n in range(3, count + 3))])


def far_row() -> bytes:
    return book([first_row(), '<row r="2000000000"><c><v>1</v></c></row>'])


def entities() -> bytes:
    names = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    return book([row(2, cell("A2", "&e9;"))], before=f'<!DOCTYPE x [<!ENTITY e0 "漏漏漏漏">{names}]>')


def csv_of(line: str, size: int) -> bytes:
    head = ",".join(HEADINGS) + "\n"
    return (head + line * (size // len(line.encode()))).encode()


BOMBS: dict[str, Callable[[], bytes]] = {
    "merge A5:XFD1048576": merged_sheet,
    "300,000 merges of wide ranges": lambda: many_merges(300_000),
    "6 million shared strings": lambda: shared_strings(6_000_000),
    "one long string, 100,000 rows": lambda: one_string_often(100_000),
    "500 MB of blanks in a sheet": lambda: blanks(500_000_000),
    "one cell of 300 MB": lambda: one_cell(300_000_000),
    "one row of 20 million cells": lambda: one_row(20_000_000),
    "60,000 parts": lambda: entries(60_000),
    "a cell at XFD1048576": corner_cell,
    "100,000 rows as wide as can be": lambda: wide_rows(100_000),
    "row 2,000,000,000": far_row,
    "entities": entities,
    "CSV: one line of 29 MB": lambda: csv_of("x", 29_000_000),
    "CSV: 29 MB of open quotes": lambda: csv_of('"\n', 29_000_000),
    "CSV: 29 MB of commas": lambda: csv_of(",", 29_000_000),
    "CSV: 29 MB of lines": lambda: csv_of("\n", 29_000_000),
    "CSV: 29 MB of pairs of quotes": lambda: csv_of('""', 29_000_000),
}
