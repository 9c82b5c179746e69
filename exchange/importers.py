"""What the rows of a table mean is told by an importer; here it registers, and here it is said who may use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from django.utils.translation import gettext_lazy

from exchange.models import ImportBatch
from exchange.tables import Column, Problem, TableRow

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from estates.access import Person
    from estates.models import Estate, User

WORDS = {
    "formula": gettext_lazy("这一格是公式：请复制后选择性粘贴为值"),
    "merged": gettext_lazy("这一格在合并单元格里：请取消合并，逐行填写"),
    "cell_error": gettext_lazy("这一格是表格软件的错误值，如 #N/A"),
    "too_long": gettext_lazy("这一格超过 32,767 个字，没有带回；请缩短"),
    "garbled": gettext_lazy("这一格有乱码，请核对原文"),
    "quote": gettext_lazy("这一行的引号没有成对，后面的行可能并进了这一格；请更正，或另存为 XLSX"),
    "ragged": gettext_lazy("这一行比表头多出几格，可能是内容里的分隔符没有加引号；请更正，或另存为 XLSX"),
    "digits_lost": gettext_lazy("数字太长，表格软件已丢掉末几位：请把这一列设成文本格式，重新填写"),
}
"""What reading a sheet may find spoiled."""

SHOWN = 100
Ref = Any
"""What an importer needs to find again what a row made; plain JSON."""


@dataclass(frozen=True, slots=True)
class Work:
    """For whom and with what choices a chunk is worked on. `memory` is the importer's own, for one whole run."""

    batch: ImportBatch
    by: User
    memory: dict[str, Any] = field(default_factory=dict)

    @property
    def options(self) -> Mapping[str, Any]:
        options: Mapping[str, Any] = self.batch.options
        return options


@dataclass
class Written:
    """What writing rows made (row number and reference), how many were there already, and what turned out wrong."""

    made: list[tuple[int, Ref]] = field(default_factory=list)
    known: int = 0
    problems: list[Problem] = field(default_factory=list)


class Importer(Protocol):
    """What the rows of one kind of table mean."""

    code: str
    is_private: bool

    @property
    def title(self) -> str: ...

    @property
    def help(self) -> str: ...

    @property
    def words(self) -> Mapping[str, str]:
        """In words what each code of a problem means, with %(name)s for what it names. No word quotes a cell."""

    def estates(self, user: Person) -> QuerySet[Estate] | None:
        """The estates that the person may import for; None where the table itself names them."""

    def may_import(self, user: Person, options: Mapping[str, Any]) -> bool: ...

    def columns(self, options: Mapping[str, Any]) -> Sequence[Column]: ...

    def examine(self, rows: Sequence[TableRow], work: Work) -> list[Problem]:
        """What is wrong with the rows, without writing anything. Chunks come in order."""

    def write(self, rows: Sequence[TableRow], work: Work) -> Written:
        """Write rows that were found good, in the caller's transaction; what changed meanwhile is looked at again."""

    def undo(self, made: Sequence[tuple[int, Ref]], work: Work) -> list[tuple[int, str]]:
        """Take back what rows made, in the caller's transaction. Rows that must stay are told with a code."""

    def forget(self, made: Sequence[tuple[int, Ref]]) -> None:
        """After undoing is committed: whatever lies outside the database. May be called twice."""


_importers: dict[str, Importer] = {}


def register_importer(importer: Importer) -> None:
    _importers[importer.code] = importer


def importers_for(user: Person) -> list[Importer]:
    return [one for one in _importers.values() if _may_begin(one, user)]


def importers() -> Mapping[str, Importer]:
    return _importers


def importer_of(batch: ImportBatch) -> Importer:
    return _importers[batch.kind]


def _may_begin(importer: Importer, user: Person) -> bool:
    estates = importer.estates(user)
    return importer.may_import(user, {}) if estates is None else estates.exists()


def batches_for(user: Person) -> list[ImportBatch]:
    """The latest batches that the person may look at: of kinds and estates that he may import."""
    latest = ImportBatch.objects.select_related("made_by").exclude(state=ImportBatch.State.DROPPED)[:SHOWN]
    return [batch for batch in latest if may_see(user, batch)]


def may_see(user: Person, batch: ImportBatch) -> bool:
    importer = _importers.get(batch.kind)
    return importer is not None and importer.may_import(user, batch.options)
