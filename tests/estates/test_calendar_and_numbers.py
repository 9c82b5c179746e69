from __future__ import annotations

from datetime import date

import pytest
from django.core import mail
from django.core.checks import run_checks
from django.core.exceptions import ValidationError
from pytest_django import Settings

from casebook.factories import make_draft, submit
from casebook.models import CaseReview
from casebook.services.reminding import remind_overdue
from estates.calendar import add_workdays, is_workday
from estates.factories import make_estate
from estates.filing_plan import FilePlace, FilingPlanError, check_number_pattern
from estates.models import CalendarDay, Estate, NumberEntry
from estates.numbering import allot_number, void_number
from tests.conftest import World


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("start", "count", "due"),
    [
        (date(2025, 9, 30), 1, date(2025, 10, 9)),  # National Day and Mid-Autumn 2025: 1–8 October
        (date(2025, 9, 26), 3, date(2025, 9, 30)),  # Sunday 28 September 2025 was a working day
        (date(2026, 11, 20), 3, date(2026, 11, 25)),  # over a plain weekend
    ],
    ids=["over National Day", "a working Sunday", "over a weekend"],
)
def test_a_deadline_falls_on_the_right_working_day(start: date, count: int, due: date) -> None:
    assert add_workdays(start, count) == due


@pytest.mark.django_db
def test_days_that_staff_entered_beat_the_announced_ones() -> None:
    CalendarDay.objects.create(date=date(2026, 11, 23), is_workday=False, note="公司年会")
    assert not is_workday(date(2026, 11, 23))
    assert add_workdays(date(2026, 11, 20), 1) == date(2026, 11, 24)


@pytest.mark.django_db
def test_a_year_not_announced_yet_is_monday_to_friday() -> None:
    assert is_workday(date(2090, 1, 2))
    assert not is_workday(date(2090, 1, 1))


def test_what_is_overdue_is_mailed_once(world: World, django_capture_on_commit_callbacks: object) -> None:
    submit(make_draft(world.editor, world.estate, world.company.design), world.editor)
    CaseReview.reviews.update(due_on=date(2026, 11, 1))
    mail.outbox.clear()
    assert (remind_overdue(), remind_overdue()) == (1, 0)
    assert [message.to for message in mail.outbox] == [["manager@example.invalid"]]
    assert "YLW-AL-2026-00001" in mail.outbox[0].subject
    assert "渗漏" not in mail.outbox[0].subject + str(mail.outbox[0].body)


def test_a_void_number_stays_in_the_register_and_is_not_given_again(world: World) -> None:
    given = allot_number(estate=world.estate, kind="AL", record_date=date(2026, 1, 1), by=world.editor)
    void_number(number=given, reason="误建", by=world.manager)
    following = allot_number(estate=world.estate, kind="AL", record_date=date(2026, 1, 1), by=world.editor)
    assert (given, following) == ("YLW-AL-2026-00001", "YLW-AL-2026-00002")
    assert NumberEntry.objects.get(number=given).reason == "误建"


@pytest.mark.parametrize(
    "pattern", ["", "{ESTATE}", "{ESTATE}-{KIND}-{YYYY}-{SEQ:05}-{X}", "{ESTATE} {KIND}{YYYY}{SEQ}", "{"]
)
def test_a_bad_number_pattern_is_refused_at_the_start(pattern: str, settings: Settings) -> None:
    with pytest.raises(FilingPlanError):
        check_number_pattern(pattern)
    settings.NUMBER_PATTERN = pattern
    assert "estates.E001" in [message.id for message in run_checks()]


@pytest.mark.parametrize(
    "unit", ["../etc", "a b", "", "３-2-1"], ids=["traversal", "blank", "empty is common", "full width"]
)
def test_no_unsafe_part_gets_into_a_path(unit: str) -> None:
    place = FilePlace("YLW", unit or None, "AL", date(2026, 11, 22))
    if not unit:
        assert place.path(1, "jpg") == "YLW/2026-11/YLW_COMMON_AL_20261122_00001.jpg"
        return
    with pytest.raises(FilingPlanError):
        place.path(1, "jpg")


def test_an_estate_code_is_used_once_and_never_changed(db: None) -> None:
    estate = make_estate("YLW", "云栖湾")
    with pytest.raises(ValidationError, match="已有楼盘使用"):
        Estate(code="YLW", name="另一个").full_clean()
    for bad in ("y", "云栖湾", "TOOLONGCODE", "YL-W"):
        with pytest.raises(ValidationError, match="2–8"):
            Estate(code=bad, name="x").full_clean()
    estate.code = "YLX"
    with pytest.raises(ValidationError, match="不能修改"):
        estate.full_clean()
