from __future__ import annotations

from dataclasses import dataclass

import pytest

from estates.factories import make_person
from estates.models import User
from estates.roles import Role
from tests.conftest import World


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
