"""What reading a table yields, and the words for a file that cannot be read. Knows no file format."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.translation import gettext_lazy

from exchange.spreadsheets import FORMULA_STARTS

SHEET_ROWS = 1_048_576
LONGEST_CELL = 32_767
"""No spreadsheet holds a longer text in a cell, and none is cut here: the row is handed back."""

BROKEN = "\N{REPLACEMENT CHARACTER}"

REFUSALS = {
    "too_big": gettext_lazy("文件太大（上限 %(n)d MB），请分成几份。"),
    "too_many_rows": gettext_lazy("超过 %(n)d 行，请分成几份。"),
    "too_much": gettext_lazy("文件解开后太大，请分成几份。"),
    "too_costly": gettext_lazy("读这个文件要的内存或时间超过上限，没有读完。请只留下数据另存，或分成几份。"),
    "no_rows": gettext_lazy("表里没有数据：表头下面一行也没有填。"),
    "headings": gettext_lazy("找不到这些列：%(columns)s。表头要在前 %(n)d 行之内，列名照模板写。"),
    "encoding": gettext_lazy("看不懂文件的编码。请另存为 XLSX，或 UTF-8 编码的 CSV。"),
    "damaged": gettext_lazy("第 %(line)d 行有损坏的文字（不是完整的 UTF-8）。请重新导出，或另存为 XLSX。"),
    "quotes": gettext_lazy("引号不成对的行太多，第一处在第 %(line)d 行。请另存为 XLSX，或重新导出。"),
    "long_line": gettext_lazy("第 %(line)d 行太长，不像表格的一行。请重新导出，或另存为 XLSX。"),
    "old_format": gettext_lazy("这是旧的 XLS 格式，或带打开密码。请用表格软件去掉密码，另存为 XLSX。"),
    "other_format": gettext_lazy("这不是 XLSX 或 CSV 表格。请用表格软件另存为 XLSX。"),
    "broken": gettext_lazy("打不开这个 XLSX。请用表格软件打开后另存一次再传。"),
    "merged": gettext_lazy("合并单元格 %(range)s 太大。请取消合并后再传。"),
    "merges": gettext_lazy("合并单元格太多（上限 %(n)d 处）。请取消合并后再传。"),
    "keys": gettext_lazy("密钥不在或不对，读不了上传的文件。请系统管理员恢复密钥后再传一次。"),
    "same": gettext_lazy("同一份文件已由 %(who)s 在 %(when)s 导入（批次 %(batch)d），没有再导入一次。"),
}


class TableError(ValueError):
    """The file cannot be used as a table; the message says why and what to do."""


class Unreadable(TableError):
    """As TableError, by a code and what its words name, so that it can be told in any language later."""

    def __init__(self, code: str, **named: str | int) -> None:
        super().__init__(code)
        self.code, self.named = code, named

    def __str__(self) -> str:
        return str(REFUSALS[self.code]) % self.named


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is looked for, by its heading or another name that offices give it."""

    code: str
    heading: str
    names: Sequence[str] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row: the column (empty for the whole row), a code, and what the words need."""

    row: int
    column: str
    code: str
    named: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row with its number in the sheet, and the text of the known columns by their codes."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` are codes of those found, in order; `ignored` are headings that nobody asked for; `problems` are what
    reading itself found."""

    columns: Sequence[str]
    ignored: Sequence[str]
    rows: Sequence[TableRow]
    problems: Sequence[Problem]


Cell = tuple[str, str]
"""A cell's text, and the code of what is wrong with it."""


class RawRow(NamedTuple):
    """A row of any format: its number, how many cells, each when it is asked for, and what is wrong with all of it."""

    number: int
    width: int
    cell: Callable[[int], Cell]
    wrong: str = ""


def plain(text: str) -> Cell:
    """Without the apostrophe that guards what looks like a formula, as our own sheets write it."""
    bare = text.replace("\0", "").strip()
    if bare.startswith("'") and bare[1:].startswith(FORMULA_STARTS):
        bare = bare[1:]
    if len(bare) > LONGEST_CELL:
        return "", "too_long"
    return bare, "garbled" if BROKEN in bare or "\0" in text else ""
