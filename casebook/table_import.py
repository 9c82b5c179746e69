"""Cases that come as a table: the same rules as for lines of another system, by the machine that all tables share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Revision

from casebook.documents import KIND
from casebook.models import CasePage
from casebook.services.importing import RowError, SourceRow, case_fields, checked_row, file_rows
from casebook.vocabulary import State
from estates.access import reach_of
from estates.bulk_pages import delete_pages
from estates.models import NumberEntry
from estates.references import referred_to
from estates.roles import Role
from exchange.importers import Ref, Work, Written
from exchange.tables import Column, Problem, TableRow, day_in
from search import index

if TYPE_CHECKING:
    from estates.access import Person

SOURCE, DAY, TITLE, TEXT, REPLY, ESTATE, ESTATE_NAME = "id", "time", "title", "text", "reply", "estate", "estate_name"
WORDS = {
    "row": gettext_lazy("%(why)s"),
    "twice": gettext_lazy("来源编号和第 %(row)d 行一样"),
    "worked_on": gettext_lazy("案例已经改过或被引用，保留"),
}
WAGTAIL = ("wagtailcore", "wagtailsearchpromotions")


class CaseTableImporter:
    code = "cases"
    is_private = False

    @property
    def title(self) -> str:
        return _("案例表")

    @property
    def help(self) -> str:
        return _("别的系统或往年整理的案例，每行一条；写入后直接发布。")

    @property
    def words(self) -> Mapping[str, str]:
        return {code: str(words) for code, words in WORDS.items()}

    def estates(self, user: Person) -> None:
        """The table names them."""

    def may_import(self, user: Person, options: Mapping[str, Any]) -> bool:
        return reach_of(user, {Role.MANAGER}).everywhere

    def columns(self, options: Mapping[str, Any]) -> Sequence[Column]:
        return [
            Column(SOURCE, _("来源编号"), ("来源编号", "编号", "id"), required=True),
            Column(DAY, _("日期"), ("日期", "记录日期", "time"), required=True),
            Column(TITLE, _("标题"), ("标题", "title")),
            Column(TEXT, _("问题说明"), ("问题说明", "问题描述", "text"), required=True),
            Column(REPLY, _("处理措施"), ("处理措施", "处理结果", "reply")),
            Column(ESTATE, _("楼盘代码"), ("楼盘代码", "estate")),
            Column(ESTATE_NAME, _("楼盘名称"), ("楼盘名称", "estate_name")),
        ]

    def examine(self, rows: Sequence[TableRow], work: Work) -> list[Problem]:
        seen: dict[str, int] = work.memory.setdefault("seen", {})
        problems = []
        for row in rows:
            try:
                checked = _checked(row)
            except RowError as error:
                problems.append(Problem(row.number, "", "row", {"why": str(error)}))
                continue
            if (earlier := seen.setdefault(checked.source_id, row.number)) != row.number:
                problems.append(Problem(row.number, SOURCE, "twice", {"row": earlier}))
        return problems

    def write(self, rows: Sequence[TableRow], work: Work) -> Written:
        checked = {row.number: _checked(row) for row in rows}
        wanted = [one.source_id for one in checked.values()]
        there = set(CasePage.objects.filter(source_id__in=wanted).values_list("source_id", flat=True))
        new = {number: one for number, one in checked.items() if one.source_id not in there}
        fields = [case_fields(one)[0] for one in new.values()]
        pages = {page.source_id: page.pk for page in file_rows(list(new.values()), fields, work.by)}
        return Written([(number, pages[one.source_id]) for number, one in new.items()], len(checked) - len(new))

    def undo(self, made: Sequence[tuple[int, Ref]], work: Work) -> list[tuple[int, str]]:
        rows = {int(pk): number for number, pk in made}
        pages = CasePage.objects.select_for_update(of=("self",)).in_bulk(list(rows))
        kept = referred_to(CasePage, list(pages), aside=WAGTAIL) | _changed(pages)
        gone = [page for pk, page in pages.items() if pk not in kept]
        numbers = NumberEntry.objects.filter(number__in=[page.number for page in gone])
        numbers.update(state=NumberEntry.State.VOID, reason=_("撤回导入"))
        index.remove(KIND, [page.pk for page in gone])
        delete_pages(gone)
        return [(rows[pk], "worked_on") for pk in sorted(kept)]

    def forget(self, made: Sequence[tuple[int, Ref]]) -> None:
        """Cases have nothing outside the database."""


def _checked(row: TableRow) -> SourceRow:
    day = day_in(row.cells.get(DAY, ""))
    data: dict[str, object] = {**row.cells, DAY: day.isoformat() if day else row.cells.get(DAY, "")}
    return checked_row(data)


def _changed(pages: Mapping[int, CasePage]) -> set[int]:
    """Cases with more than the version that the import made, or in another state."""
    more = {pk for pk, page in pages.items() if page.state != State.PUBLISHED}
    later = Revision.objects.page_revisions().filter(object_id__in=[str(pk) for pk in pages])
    later = later.exclude(pk__in=[page.live_revision_id for page in pages.values()])
    return more | {int(one) for one in later.values_list("object_id", flat=True)}
