from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.utils import translation
from pytest_django import DjangoDbBlocker, Settings
from wagtail.models import Collection, Locale, Page

from estates.factories import Company, make_company, make_estate, make_person, make_unit
from estates.models import Estate, Unit, User
from estates.roles import Role
from search.engines.sqlite import SqliteEngine
from vault.keyring import forget_keys, make_keys

DATA = Path(os.environ.get("ANJUAN_TEST_DATA", Path(__file__).parent.parent.parent / "shared"))


@pytest.fixture
def test_data() -> Path:
    """The folder of real complaints and photos; tests that need it skip where it is not."""
    if not (DATA / "data").is_dir():
        pytest.skip("no test data: set ANJUAN_TEST_DATA")
    return DATA


@pytest.fixture(autouse=True)
def files(settings: Settings, tmp_path: Path) -> Path:
    """Every test files into a folder of its own, with an empty cache and in Chinese."""
    cache.clear()
    translation.activate("zh-hans")

    folder = tmp_path / "files"
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "media.storage.FiledFolder", "OPTIONS": {"location": str(folder)}}
    }
    return folder


@pytest.fixture(autouse=True)
def keys(settings: Settings, tmp_path: Path) -> Path:
    """Every test has a key folder and a place for anchors of its own, with fresh keys."""
    settings.KEYS_ROOT, settings.ANCHORS_ROOT = tmp_path / "keys", tmp_path / "anchors"
    settings.KEY_COPIES_ROOT = tmp_path / "key-copies"
    forget_keys()
    make_keys()
    return tmp_path / "keys"


@pytest.fixture(autouse=True)
def emptied_index(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A transactional test leaves all tables empty that Django knows of; the full-text table is none of them."""
    yield
    marker = request.node.get_closest_marker("django_db")
    asked = {"transactional_db", "live_server"} & set(request.fixturenames)
    if asked or (marker and marker.kwargs.get("transaction")):
        with django_db_blocker.unblock():
            SqliteEngine().clear()


@dataclass(frozen=True, slots=True)
class World:
    """One estate with everybody who has to do with a case of it, and another estate."""

    company: Company
    estate: Estate
    other_estate: Estate
    unit: Unit
    editor: User
    manager: User
    designer: User
    reader: User
    engineer: User
    other_editor: User


def lay_foundation() -> None:
    """The rows that Wagtail's migrations make; a transactional test before this one emptied all tables."""
    if Page.objects.filter(depth=1).exists():
        return
    ContentType.objects.clear_cache()
    Locale.objects.get_or_create(language_code="zh-hans")
    Collection.add_root(name="Root")
    Page.add_root(title="Root", slug="root")


@pytest.fixture
def foundation(db: None) -> None:
    """What Wagtail's migrations make, for tests without a world."""
    lay_foundation()


def build_world() -> World:
    lay_foundation()
    company = make_company()
    estate, other = make_estate("YLW", "云栖湾"), make_estate("HTY", "海棠苑")
    return World(
        company=company,
        estate=estate,
        other_estate=other,
        unit=make_unit(estate),
        editor=make_person("editor", Role.EDITOR, department=company.service, estate=estate),
        manager=make_person("manager", Role.MANAGER, department=company.service, estate=estate),
        designer=make_person("designer", Role.DESIGN, department=company.design),
        reader=make_person("reader", Role.DESIGN, department=company.design),
        engineer=make_person("engineer", Role.ENGINEERING, department=company.engineering),
        other_editor=make_person("editor-hty", Role.EDITOR, department=company.service, estate=other),
    )


@pytest.fixture
def build() -> Callable[[], World]:
    """For tests that bring their own database fixture."""
    return build_world


@pytest.fixture
def world(db: None) -> World:
    return build_world()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """With REQUIRE_ALL set, a skipped test fails the run: every service and all data must be there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = len(reporter.stats.get("skipped", [])) if reporter else 0
    if os.environ.get("REQUIRE_ALL") and skipped:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
