"""A small company to try the product with. Estates, people and cases are invented; people are plainly samples."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from casebook.factories import make_draft
from casebook.models import CasePage
from casebook.services.deciding import confirm_case, object_to_case
from casebook.services.publishing import withdraw_case
from casebook.services.submitting import submit_case
from casebook.vocabulary import Library
from estates.factories import SAMPLE_PASSWORD, Company, make_company, make_estate, make_person, make_unit, make_user
from estates.models import CalendarDay, Department, Estate, Unit, User
from estates.roles import Role

CASES = Path(__file__).parent / "samples" / "cases.tsv"
FIELDS = (
    "title",
    "description",
    "cause",
    "lesson",
    "requirement",
    "category",
    "stage",
    "department",
    "drawing_number",
)
LISTS = ("components", "product_types", "climates")
NUMBERS = ("severity", "homes_affected")
ESTATES = (
    ("YLW", "云栖湾", Estate.Stage.OCCUPIED, 1286),
    ("HTY", "海棠苑", Estate.Stage.OCCUPIED, 742),
    ("XCH", "星辰汇", Estate.Stage.OCCUPIED, 1530),
    ("QSF", "清水坊", Estate.Stage.OCCUPIED, 318),
    ("LYT", "揽月台", Estate.Stage.BUILDING, 864),
    ("FLG", "枫林谷", Estate.Stage.PLANNING, 640),
)
DAYS_BETWEEN_CASES = 7
COST_OF_A_HOME = 350
"""Yuan; invented, like all of it."""

PASSWORD = SAMPLE_PASSWORD


@dataclass(frozen=True, slots=True)
class Staff:
    """One account per role."""

    editor: User
    manager: User
    by_kind: dict[str, User]


@transaction.atomic
def load_people() -> tuple[Company, Staff, list[Estate]]:
    company = make_company()
    estates = [make_estate(*row) for row in ESTATES]
    for row in estates:
        for written in ("1栋1单元101", "1栋2单元1502", "2栋1单元803", "3栋2单元1201", "5栋302", "3栋2单元1202"):
            make_unit(row, written)
    CalendarDay.objects.get_or_create(
        date=date(timezone.localdate().year + 1, 1, 2), defaults={"is_workday": False, "note": _("元旦假期")}
    )
    return company, _staff(company), estates


def _staff(company: Company) -> Staff:
    people = {
        "editor": (Role.EDITOR, "张三（示例）", company.service),
        "manager": (Role.MANAGER, "李四（示例）", company.service),
        "archivist": (Role.ARCHIVIST, "示例档案员", company.service),
        "designer": (Role.DESIGN, "王五（示例）", company.design),
        "engineer": (Role.ENGINEERING, "赵六（示例）", company.engineering),
        "sales": (Role.SALES, "示例销售", company.sales),
        "property": (Role.PROPERTY, "示例物业", company.property),
        "director": (Role.DIRECTOR, "示例分管领导", None),
        "gm": (Role.GENERAL_MANAGER, "示例总经理", None),
        "auditor": (Role.AUDITOR, "示例审计", None),
        "owner": (Role.SUBSCRIBER, "示例业主", None),
    }
    made = {
        name: make_person(name, role, name=shown, department=department)
        for name, (role, shown, department) in people.items()
    }
    admin = make_user("admin", "示例管理员")
    admin.is_staff = admin.is_superuser = True
    admin.save()
    kinds = {
        "design": made["designer"],
        "engineering": made["engineer"],
        "sales": made["sales"],
        "property": made["property"],
    }
    return Staff(made["editor"], made["manager"], kinds | {"customer_service": made["manager"]})


def accounts() -> Iterator[tuple[str, str]]:
    """User names and what each is, for printing."""
    for user in User.objects.order_by("pk").prefetch_related("assignments"):
        roles = "、".join(str(a.get_role_display()) for a in user.assignments.all())
        yield user.username, roles or str(_("系统管理员"))


def load_cases(progress: Callable[[], object]) -> int:
    """Sixty cases in every state, spread over the estates and more than a year."""
    company, staff, estates = load_people()
    rows = sample_cases()
    for position, row in reversed(list(enumerate(rows))):
        _load_case(position, row, company, staff, estates[position % 4 if position % 9 else 4])
        progress()
    return len(rows)


def sample_cases() -> list[dict[str, str]]:
    """Sixty cases, a row each, as text by column."""
    with CASES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, (*FIELDS, *LISTS, *NUMBERS), delimiter="\t"))


def sample_fields(row: dict[str, str]) -> dict[str, object]:
    """The content of a sample case, its department and photos apart."""
    values: dict[str, object] = {name: row[name] for name in FIELDS if name != "department"}
    values |= {name: row[name].split(",") if row[name] else [] for name in LISTS}
    values |= {name: int(row[name]) if row[name] else None for name in NUMBERS}
    if row["homes_affected"]:
        values["cost"] = Decimal(COST_OF_A_HOME * int(row["homes_affected"]))
    values |= {"cause_is_drawing": bool(row["drawing_number"]) or None, "to_design": False}
    return values | dict.fromkeys(_libraries(row), True)


def _load_case(position: int, row: dict[str, str], company: Company, staff: Staff, estate: Estate) -> None:
    department: Department = getattr(company, row["department"])
    units = list(Unit.objects.filter(estate=estate).order_by("pk"))
    private = row["category"] in ("building", "living", "workmanship") and position % 3
    values = sample_fields(row)
    photos = (1 + position % 3) if (position + 1) % 20 else 0
    if not photos:
        values["no_photo_reason"] = "电话反映，现场已恢复，没有照片"
    draft = make_draft(
        staff.editor,
        estate,
        department,
        unit=units[position % len(units)] if private else None,
        record_date=timezone.localdate() - timedelta(3 + DAYS_BETWEEN_CASES * position),
        photos=photos,
        **values,
    )
    _bring_along(draft, position, staff)


def _libraries(row: dict[str, str]) -> list[str]:
    chosen = {"design": [Library.DESIGN.value], "engineering": [Library.QUALITY.value]}.get(row["department"], [])
    if row["drawing_number"] and Library.DESIGN.value not in chosen:
        chosen = [*chosen, Library.DESIGN.value]
    return chosen or [Library.SERVICE.value]


def _bring_along(draft: CasePage, position: int, staff: Staff) -> None:
    """Most are published; of the newest a few wait, are returned, withdrawn or still drafts."""
    if position in (10, 11):
        return
    case = submit_case(case=draft, by=staff.editor)
    if position in (1, 12):
        return
    confirm_case(review=case.reviews.open().get(), by=staff.manager)
    review = case.reviews.open().select_related("department").get()
    decider = staff.by_kind[review.department.kind] if review.department else staff.manager
    if position in (2, 3, 13):
        return
    if position in (4, 14):
        object_to_case(review=review, by=decider, reason="原因分析还不完整，请补充现场检查的结果。")
        return
    published = confirm_case(review=review, by=decider)
    if position == 21:  # noqa: PLR2004  one withdrawn case is enough to see
        withdraw_case(case=published, by=staff.manager, reason="与另一份案例重复")
