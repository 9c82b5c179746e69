"""The words that rise, against the same month of the year before."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from casebook.rising_words import g_squared, rising_words
from casebook.services.bulk import PublishedCase, file_published_cases
from estates.models import Estate
from tests.casebook.test_search_page import client_of
from tests.conftest import World

NOVEMBER = date(2026, 11, 1)


def cases(estate: Estate, month: date, *texts: str, category: str = "building") -> None:
    rows = [
        PublishedCase(
            estate,
            month.replace(day=1 + number % 28),
            {"title": text, "description": text, "category": category, "to_design": True},
            source_id=f"{estate.code}{month}{category}{number}",
        )
        for number, text in enumerate(texts)
    ]
    file_published_cases(rows, by=None)


@pytest.fixture
def told(world: World) -> World:
    """Heating is spoken of as much as a year ago, the lift far more."""
    cases(world.estate, NOVEMBER, *["暖气不热"] * 10, *["电梯故障"] * 12, *["外墙渗漏"] * 8)
    cases(world.estate, date(2025, 11, 1), *["暖气不热"] * 10, *["电梯故障"] * 2, *["外墙渗漏"] * 18)
    cases(world.other_estate, NOVEMBER, *["门窗异响"] * 20)
    return world


def test_a_season_is_no_news_and_a_rise_is(told: World) -> None:
    found = rising_words(told.manager, NOVEMBER)
    assert (found.cases_now, found.cases_before) == (30, 30)
    assert [(one.word, one.now, one.before) for one in found.words] == [("故障", 12, 2), ("电梯", 12, 2)]
    assert found.words[0].rise == pytest.approx(10.12, abs=0.01)
    assert (found.words[0].share_now, found.words[0].share_before) == pytest.approx((40.0, 6.667), abs=0.01)


def test_each_person_each_estate_each_category_has_its_own(told: World) -> None:
    assert [one.word for one in rising_words(told.other_editor, NOVEMBER).words] == []
    assert rising_words(told.other_editor, NOVEMBER).cases_now == 20
    assert rising_words(told.manager, NOVEMBER, estate="HTY").cases_now == 0
    assert rising_words(told.manager, NOVEMBER, category="site").cases_now == 0
    cases(told.estate, NOVEMBER, *["照明故障"] * 9, category="site")
    cases(told.estate, date(2025, 11, 1), *["草坪枯死"] * 9, category="site")
    assert {one.word for one in rising_words(told.manager, NOVEMBER, category="site").words} == {"照明", "故障"}


def test_the_likelihood_ratio_is_that_of_the_book() -> None:
    """A table of 2 × 2 worked by hand: 10 of 100 against 2 of 100."""
    assert g_squared(10, 2, 100, 100) == pytest.approx(6.17, abs=0.01)
    assert g_squared(2, 10, 100, 100) == pytest.approx(-6.17, abs=0.01)
    assert g_squared(5, 5, 100, 100) == 0.0
    assert g_squared(5, 0, 100, 0) == 0.0
    assert g_squared(100, 100, 100, 100) == 0.0


def test_the_page_has_a_chart_with_its_table(told: World) -> None:
    client = client_of(told.manager)
    page = client.get(reverse("casebook:rising"), {"month": "2026-11"}).content.decode()
    assert page.count('class="now"') == 2 + 1  # two bars, one legend
    assert "q=%E7%94%B5%E6%A2%AF" in page
    for text in ("2026-13", "x", "0000-01", "9999-01", "2026-11-05"):
        assert (
            client.get(reverse("casebook:rising"), {"month": text, "estate": "x", "category": "x"}).status_code == 200
        )
    assert "还没有案例" in client.get(reverse("casebook:rising"), {"month": "2020-01"}).content.decode()
    assert "没有案例可以比较" in client.get(reverse("casebook:rising"), {"month": "2025-11"}).content.decode()
    assert client_of(told.designer).get(reverse("casebook:rising")).status_code == 403
