"""A printed sheet of one table, as the archive hands it out; made in memory, nothing of it touches a disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from exchange.printing import printable, typeset

TEMPLATE = Path(__file__).parent / "printing" / "sheet.typ"


@dataclass(frozen=True, slots=True)
class Sheet:
    """`number` stands in the footer; `about` says under the title what the sheet is about; `empty` stands where there
    are no rows. The last column is the widest."""

    title: str
    number: str
    about: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    empty: str = ""


def printed_sheet(sheet: Sheet) -> bytes:
    """The sheet as a PDF; a character that the font lacks is shown as 〓."""
    return typeset(
        TEMPLATE,
        {
            "title": sheet.title,
            "number": sheet.number,
            "about": printable(sheet.about).text,
            "columns": list(sheet.columns),
            "rows": [[printable(cell).text for cell in row] for row in sheet.rows],
            "empty": sheet.empty,
            "note": printable(sheet.note).text,
            "printed": _("打印于 %(time)s") % {"time": date_format(timezone.localtime(), "Y-m-d H:i")},
        },
        {},
    )
