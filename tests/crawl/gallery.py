"""At least one row of every model of the product, most of them made by the product's own services."""

from __future__ import annotations

from unittest import mock

from archives.factories import enter, open_dossier, sample_profile
from archives.items import LONGEST, LONGEST_TEXT, Value
from archives.template import known_items
from archives.vocabulary import ItemKind
from casebook.models import CasePage
from cms import sample_data
from cms.sample_archive_life import load_archive_life
from cms.sample_data import Staff, load_cases, load_people
from cms.sample_dossiers import load_dossiers
from cms.sample_magazine import load_magazine
from cms.sample_reviews import load_reviews
from estates.factories import make_estate, make_person, make_unit
from estates.models import User
from estates.roles import Role
from search.index import rebuild
from tests.crawl.rows import MARK, ensure_row, our_models

SAMPLE_CASES = 22
"""As many as are needed for one in each state."""

ELSEWHERE = ("WLP", "外楼盘")
"""The estate of those who have no business with the records: it has none."""


def build_gallery() -> Staff:
    rows = sample_data.sample_cases()[:SAMPLE_CASES]
    with mock.patch.object(sample_data, "sample_cases", return_value=rows):
        load_cases(lambda: None)
    company, staff, estates = load_people()
    load_reviews(company, staff, estates[4], estates[5])
    archivist = User.objects.get(username="archivist")
    load_dossiers(staff.editor, archivist, estates)
    load_archive_life(staff.editor, archivist, estates)
    load_magazine(staff.editor, staff.manager, estates)
    for number, long in enumerate((False, True)):
        dossier = open_dossier(staff.editor, make_unit(estates[0], f"9栋1单元{number + 1}01"))
        enter(staff.editor, dossier, complete_profile(number, long=long))
    for model in our_models():
        ensure_row(model)
    return staff


def complete_profile(number: int, *, long: bool) -> dict[str, Value]:
    """Every item of the template with a value; as long as it may be, where `long`."""
    profile: dict[str, Value] = {}
    for code, item in known_items().items():
        options = item.options.split("\n")
        if item.kind == ItemKind.CHOICES:
            profile[code] = options
        elif item.kind == ItemKind.CHOICE:
            profile[code] = options[-1]
        elif item.kind in (ItemKind.TEXT, ItemKind.LONG):
            most = LONGEST.get(item.kind, LONGEST_TEXT) if long else len(MARK)
            profile[code] = (MARK * most)[:most]
    return profile | sample_profile(f"示例{'甲乙'[number]}", 900 + number)


def visitors() -> dict[str, User | None]:
    """Who walks through: a person of each role, one of each who works for another estate, and nobody in particular."""
    people: dict[str, User | None] = {user.username: user for user in User.objects.order_by("pk")}
    elsewhere = make_estate(*ELSEWHERE)
    for role in (Role.EDITOR, Role.MANAGER, Role.ARCHIVIST, Role.SALES, Role.PROPERTY):
        name = f"{role.value}-elsewhere"
        people[name] = make_person(name, role, estate=elsewhere)
    return people | {"anonymous": None}


def refresh_copies() -> None:
    """Versions and the search index say what the rows say."""
    for case in CasePage.objects.all():
        case.save_revision(clean=False)
    rebuild()
