from __future__ import annotations

import pytest

from estates.factories import make_person
from estates.models import User
from estates.roles import Role
from tests.conftest import World


@pytest.fixture
def head(world: World) -> User:
    """A customer-service manager of every estate."""
    return make_person("head", Role.MANAGER, department=world.company.service)
