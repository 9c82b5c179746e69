"""What a bag says of persons and times is told as the bag's word, never as acts of people here."""

from __future__ import annotations

import json

from archives.factories import make_filed
from archives.history import events_about
from archives.models import DossierPage, DossierStep
from archives.register import Reader
from archives.services.taking_bags import take_bag
from exchange.bags import Bag, read_bag, written_bag
from tests.archives.conftest import Archive
from tests.archives.test_bags import exported, forgotten
from tests.conftest import World


def test_g4_steps_of_a_bag_name_a_director_of_ours_as_the_bags_word_only(world: World, archive: Archive) -> None:
    filed = make_filed(world.editor, archive.archivist, world.unit)
    payload = dict(read_bag(exported(archive, filed)).payload)
    forgotten(filed)
    told = json.loads(payload["dossier.json"])
    for step in told["steps"]:
        step |= {"by": archive.director.username, "at": "2020-05-01T00:00:00+00:00"}
    for rows, name in (("versions", "made_by"), ("documents", "added_by")):
        for row in told[rows]:
            row[name] = archive.director.username
    payload["dossier.json"] = json.dumps(told).encode()
    taken = take_bag(reader=Reader(archive.archivist), content=written_bag("x", Bag(payload, {})))
    assert not DossierStep.objects.exclude(by=None).exists()
    assert {one.made_by for one in taken.customer.profiles.all()} == {None}
    assert {one.added_by for one in taken.documents.all()} == {archive.archivist}
    assert (taken.filed_by, taken.verified_by) == (None, None)
    events = events_about(archive.archivist, DossierPage.objects.get(pk=taken.pk), in_clear=False)
    said = {event.who for event in events if event.at.year == 2020}
    assert said == {f"{archive.director.username}（据导入的包）"}
