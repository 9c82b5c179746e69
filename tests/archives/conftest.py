from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_django import Settings

from archives.register import Reader
from estates.factories import make_person
from estates.models import User
from estates.roles import Role
from tests.conftest import World
from vault.keyring import forget_keys, make_keys


@pytest.fixture(autouse=True)
def keys(settings: Settings, tmp_path: Path) -> Path:
    """Every test has keys and anchors of its own."""
    settings.KEYS_ROOT, settings.ANCHORS_ROOT = tmp_path / "keys", tmp_path / "anchors"
    forget_keys()
    make_keys()
    return tmp_path / "keys"


@dataclass(frozen=True, slots=True)
class Archive:
    """Who works with dossiers of the estate."""

    archivist: User
    second_archivist: User
    auditor: User
    sales: User
    property: User
    director: User


def build_archive(world: World) -> Archive:
    return Archive(
        archivist=make_person("archivist", Role.ARCHIVIST, estate=world.estate),
        second_archivist=make_person("archivist2", Role.ARCHIVIST, estate=world.estate),
        auditor=make_person("auditor", Role.AUDITOR),
        sales=make_person("sales", Role.SALES, department=world.company.sales, estate=world.estate),
        property=make_person("property", Role.PROPERTY, department=world.company.property, estate=world.estate),
        director=make_person("director", Role.DIRECTOR),
    )


@pytest.fixture
def archive(world: World) -> Archive:
    return build_archive(world)


@pytest.fixture
def as_reader() -> Callable[[User], Reader]:
    return lambda user: Reader(user, "127.0.0.1")
