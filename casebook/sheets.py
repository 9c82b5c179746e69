"""The lesson sheet: what a designer takes to the drawing. It names no unit and no person."""

from __future__ import annotations

from pathlib import Path

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casebook.models import CasePage, CasePhoto
from casebook.outgoing import outgoing
from estates.unit_codes import mask_units
from exchange.printing import Printable, printable, typeset
from vault.personal_data import without_personal_data

TEMPLATE = Path(__file__).parent / "printing" / "lesson_sheet.typ"
MOST_PHOTOS = 3
LAYOUTS = ((260, 12.5, 84), (700, 11, 60), (1_600, 9.5, 44))
"""Up to so many characters: type size in points, height of photos in millimetres."""

DENSEST = (8.5, 36)
PARTS = ("description", "cause", "lesson", "requirement", "measure")


def lesson_sheet(case: CasePage) -> bytes:
    """A PDF of one A4 page for a case of ordinary length; a very long one runs on rather than being cut."""
    photos = list(case.photos.all())[:MOST_PHOTOS]
    texts = {name: printable(impersonal(getattr(case, name))) for name in PARTS}
    title = printable(impersonal(case.title))
    captions = [printable(impersonal(_caption(row))) for row in photos]
    length = sum(len(part.text) for part in texts.values())
    fitting = ((size, height) for most, size, height in LAYOUTS if length <= most)
    size, photo_height = next(fitting, DENSEST)
    data = {
        "title": title.text,
        "number": case.number,
        "kind": _("案例经验单"),
        "facts": _facts(case),
        "printed": _("打印于 %(time)s") % {"time": date_format(timezone.localtime(), "Y-m-d H:i")},
        "size": size,
        "photo_height": photo_height,
        "photos": [{"file": f"photo{i}.jpg", "caption": c.text} for i, c in enumerate(captions)],
        "parts": [{"heading": _label(name), "body": part.text} for name, part in texts.items()],
        "note": _note([title, *captions, *texts.values()]),
    }
    files = {f"photo{i}.jpg": _bytes(row) for i, row in enumerate(photos)}
    return typeset(TEMPLATE, data, files)


def impersonal(text: str) -> str:
    """The text without persons' data, and with every unit named in it replaced by a blank one."""
    return mask_units(without_personal_data(outgoing(text)), _("某户"))


def _facts(case: CasePage) -> str:
    department = case.responsible_department
    facts = [str(case.estate), f"{case.record_date:%Y-%m}", case.get_stage_display(), case.get_category_display()]
    return " · ".join(fact for fact in [*facts, str(department) if department else ""] if fact)


def _label(name: str) -> str:
    return str(CasePage._meta.get_field(name).verbose_name)


def _caption(row: CasePhoto) -> str:
    return f"{row.get_phase_display()} {row.caption}".strip()


def _bytes(row: CasePhoto) -> bytes:
    with row.photo.rendition("page").file.open("rb") as stream:
        return bytes(stream.read())


def _note(parts: list[Printable]) -> str:
    missing = dict.fromkeys(char for part in parts for char in part.missing)
    if not missing:
        return ""
    return _("本页有 %(count)d 个字符不在印刷字库中，以 〓 代替。") % {"count": len(missing)}
