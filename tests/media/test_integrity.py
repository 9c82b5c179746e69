from __future__ import annotations

import os
import time
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from casebook.factories import make_draft
from media.integrity import check_files
from media.models import Photo
from tests.conftest import World

TWO_DAYS = 2 * 24 * 3600


def age(path: Path) -> None:
    then = time.time() - TWO_DAYS
    os.utime(path, (then, then))


def test_a_sound_store_has_no_findings(world: World, files: Path) -> None:
    make_draft(world.editor, world.estate, world.company.design, photos=2)
    for path in files.rglob("*.jpg"):
        age(path)
    findings = check_files()
    assert (findings.checked, findings.missing, findings.altered, findings.orphans) == (2, [], [], [])


def test_missing_and_altered_originals_are_named_and_fail_the_command(world: World, files: Path) -> None:
    make_draft(world.editor, world.estate, world.company.design, photos=2)
    first, second = Photo.objects.order_by("pk")
    (files / first.path).unlink()
    (files / second.path).write_bytes(b"changed")
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("check_files", stdout=out, stderr=StringIO())
    assert out.getvalue().splitlines()[:2] == [f"缺失 {first.path}", f"被改动 {second.path}"]


@pytest.mark.django_db(transaction=True)
def test_a_kill_between_file_and_row_leaves_an_orphan_that_the_sweep_deletes(build: object, files: Path) -> None:
    world = build()  # type: ignore[operator]
    kept = make_draft(world.editor, world.estate, world.company.design)

    def killed(*args: object, **kwargs: object) -> None:
        os.kill(os.getpid(), 9)

    child = os.fork()
    if not child:
        try:
            with patch("media.models.Photo.save", killed), transaction.atomic():
                make_draft(world.editor, world.estate, world.company.design)
        finally:
            os._exit(0)  # whatever happens, the copy of this process runs no further test
    assert os.waitpid(child, 0)[1] == 9
    after = make_draft(world.editor, world.estate, world.company.design)  # its number was given back: it takes the next
    assert after.photos.get().photo.path.endswith("_00003.jpg")
    assert check_files().orphans == []  # young files may belong to a filing under way
    for path in files.rglob("*.jpg"):
        age(path)
    orphans = check_files().orphans
    assert [path.rpartition("_")[2] for path in orphans] == ["00002.jpg", "00002.copy.jpg"]
    call_command("check_files", "--delete-orphans", stdout=StringIO(), stderr=StringIO())
    assert not any((files / path).exists() for path in orphans)
    assert sorted(photo.record_id for photo in Photo.objects.all()) == [kept.pk, after.pk]
    assert all((files / photo.path).exists() for photo in Photo.objects.all())
