"""Sixteen people file into one new estate and month at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connections
from wagtail.models import Page

from casebook.factories import case_fields
from casebook.models import CasePage, EstateFolderPage, MonthFolderPage
from casebook.services.filing import CaseContent, Place, start_case
from casebook.services.submitting import submit_case
from tests.conftest import World

THREADS = 16
ROUNDS = int(os.environ.get("SOAK_ROUNDS", "1"))


@pytest.mark.django_db(transaction=True)
def test_sixteen_at_once_get_sixteen_numbers_and_one_container(build: Callable[[], World]) -> None:
    world = build()
    fields = dict(case_fields(world.company.design)) | {"no_photo_reason": "已清理"}

    def file_one(_number: int) -> str:
        try:
            place = Place(world.estate, None, date(2026, 11, 22))
            draft = start_case(by=world.editor, place=place, content=CaseContent(fields))
            return str(submit_case(case=draft, by=world.editor).number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        numbers = list(pool.map(file_one, range(THREADS * ROUNDS)))
    assert sorted(numbers) == [f"YLW-AL-2026-{n:05}" for n in range(1, THREADS * ROUNDS + 1)]
    assert (EstateFolderPage.objects.count(), MonthFolderPage.objects.count()) == (1, 1)
    assert CasePage.objects.child_of(MonthFolderPage.objects.get()).count() == THREADS * ROUNDS
    assert Page.find_problems() == ([], [], [], [], [])
