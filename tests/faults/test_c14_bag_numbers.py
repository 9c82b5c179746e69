"""A bag brings a number of this site's own making, and times at which something can have happened; or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archives.factories import make_filed
from archives.models import Customer, DossierPage
from archives.register import Reader
from archives.services.errors import DossierError
from archives.services.taking_bags import take_bag
from estates.models import Counter, NumberEntry
from exchange.bags import Bag, read_bag, written_bag
from tests.archives.conftest import Archive
from tests.archives.test_bags import exported, forgotten
from tests.conftest import World

Told = dict[str, Any]


def put(*path: str | int, value: object) -> Callable[[Told], None]:
    def spoil(told: Told) -> None:
        place: Any = told
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = value

    return spoil


SPOILS: dict[str, Callable[[Told], None]] = {
    "slash": put("number", value="YLW/DA/2026/00001"),
    "another kind": put("number", value="YLW-AL-2026-00001"),
    "another estate": put("number", value="HTY-DA-2026-00001"),
    "series of another estate": put("series", value=["DA:HTY:2026", 1]),
    "series of another kind": put("series", value=["AL:YLW:2026", 1]),
    "sequence beyond": put("series", 1, value=2**31 - 1),
    "sequence far ahead": lambda told: told.update(series=["DA:YLW:2026", 50_000], number="YLW-DA-2026-50000"),
    "sequence zero": put("series", 1, value=0),
    "number of another sequence": put("number", value="YLW-DA-2026-00002"),
    "lower case": put("number", value="ylw-da-2026-00001"),
    "another year": put("record_date", value="2020-01-01"),
    "year one": put("record_date", value="0001-01-01"),
    "a step in the future": put("steps", 0, "at", value="2199-01-01T00:00:00+00:00"),
    "a step before all": put("steps", 0, "at", value="1800-01-01T00:00:00+00:00"),
    "filed in the future": put("filed_at", value="2199-01-01T00:00:00+00:00"),
    "never filed": put("filed_at", value=None),
    "a version of the future": put("versions", 0, "made_at", value="2199-01-01T00:00:00+00:00"),
    "a document too high": put("documents", 0, "version", value=10**30),
    "a path out of the bag": put("documents", 0, "path", value="../../x.pdf"),
    "a name of a thousand letters": put("steps", 0, "by", value="x" * 1_000),
}


@pytest.mark.parametrize("name", SPOILS)
def test_c14_a_bag_of_another_rule_is_refused_and_leaves_nothing(
    world: World, archive: Archive, files: Path, name: str
) -> None:
    filed = make_filed(world.editor, archive.archivist, world.unit)
    payload = dict(read_bag(exported(archive, filed)).payload)
    forgotten(filed)
    before = sorted(path.name for path in files.rglob("*") if path.is_file())
    told: Told = json.loads(payload["dossier.json"])
    SPOILS[name](told)
    payload["dossier.json"] = json.dumps(told).encode()
    with pytest.raises(DossierError):
        take_bag(reader=Reader(archive.archivist), content=written_bag("x", Bag(payload, {})))
    counted = (DossierPage.objects, NumberEntry.objects, Counter.objects, Customer.objects)
    assert [rows.count() for rows in counted] == [0, 0, 0, 0]
    assert sorted(path.name for path in files.rglob("*") if path.is_file()) == before


def test_c14_the_bag_with_slashes_in_its_number_is_refused_in_words(
    world: World, archive: Archive, test_data: Path
) -> None:
    content = (test_data / "faults" / "inputs" / "bag_number_slash.zip").read_bytes()
    with pytest.raises(DossierError, match="应为 YLW-DA-2026-00077"):
        take_bag(reader=Reader(archive.archivist), content=content)
    assert (DossierPage.objects.count(), NumberEntry.objects.count(), Counter.objects.count()) == (0, 0, 0)
