from __future__ import annotations

import pytest

from search.engines import Engine
from tests.search.engines import ENGINES


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, db: None) -> Engine:
    """Each engine in turn, empty, on its real server. Its tests are marked `every_database`."""
    return ENGINES[request.param]()
