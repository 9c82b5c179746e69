"""Cases for samples and tests, made by the same functions that people use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import count

from casebook.models import CasePage
from casebook.services.deciding import confirm_case
from casebook.services.filing import CaseContent, Place, PlacedPhoto, start_case
from casebook.services.submitting import submit_case
from casebook.vocabulary import RECORD_KIND
from estates.filing_plan import FilePlace
from estates.models import Department, Estate, Unit, User
from media.factories import make_photo

_seeds = count(1)
RECORD_DATE = date(2026, 11, 20)


def case_fields(department: Department, **changes: object) -> Mapping[str, object]:
    """A complete case's text, with changes."""
    return {
        "title": "地下车库顶板渗漏",
        "description": "地下车库顶板变形缝处渗漏，雨后地面积水。",
        "stage": "occupancy",
        "category": "building",
        "severity": 3,
        "cause": "变形缝防水节点未设置排水槽。",
        "cause_is_drawing": True,
        "drawing_number": "建施-12",
        "lesson": "地下室顶板变形缝须同时设防水和排水。",
        "requirement": "变形缝处增设不锈钢接水槽，并在图中注明坡向。",
        "responsible_department": department,
        "to_design": True,
    } | changes


def make_draft(  # noqa: PLR0913  a case has that many sides
    by: User,
    estate: Estate,
    department: Department,
    *,
    unit: Unit | None = None,
    record_date: date = RECORD_DATE,
    photos: int = 1,
    **changes: object,
) -> CasePage:
    place = FilePlace(estate.code, unit.code if unit else None, RECORD_KIND, record_date)
    placed = [PlacedPhoto(make_photo(by, place, seed=next(_seeds))) for _ in range(photos)]
    content = CaseContent(case_fields(department, **changes), placed)
    return start_case(by=by, place=Place(estate, unit, record_date), content=content)


def submit(case: CasePage, by: User) -> CasePage:
    return submit_case(case=case, by=by)


def decide(case: CasePage, by: User) -> CasePage:
    """Confirm the open step."""
    return confirm_case(review=case.reviews.open().get(), by=by)


def publish(case: CasePage, *, by: User, manager: User, confirmer: User) -> CasePage:
    """Submit, and confirm both steps."""
    submitted = submit(case, by)
    decide(submitted, manager)
    return decide(submitted, confirmer)
