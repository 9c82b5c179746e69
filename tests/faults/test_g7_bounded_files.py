"""G7: what is decoded is decoded in a bounded process, one at a time, and never in the process that serves pages."""

from __future__ import annotations

import struct
import threading
import time
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pytest_django import Settings

from casebook.vocabulary import RECORD_KIND
from media.inspection import PhotoError
from media.photo_reading import read_photo
from running.bounded import Bounds, Busy, OutOfBounds, in_bounds, turn
from tests.conftest import World

RUNAWAY = "tests.faults.runaway"


def png_bomb(side: int) -> bytes:
    """A true RGBA picture of side × side pixels in a few hundred kilobytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    packer = zlib.compressobj(9)
    row = b"\0" + b"\x55" * (side * 4)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def peak_kb() -> int:
    status = Path("/proc/self/status").read_text("ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def test_g7_a_bomb_does_not_raise_the_peak_of_the_serving_process(world: World, settings: Settings) -> None:
    bomb = png_bomb(8_900)
    before = peak_kb()
    seen = read_photo(BytesIO(bomb))
    assert (seen.extension, seen.copy_width) == ("png", 2560)
    assert (peak_kb() - before) // 1024 < 60


def test_g7_a_photo_that_needs_more_than_the_bound_is_refused_in_words(settings: Settings) -> None:
    settings.DECODING_MAX_BYTES = 400 << 20
    with pytest.raises(PhotoError) as refused:
        read_photo(BytesIO(png_bomb(8_900)))
    assert str(refused.value) == "这张照片太复杂，无法读取。请在手机上截图或缩小后再传。"


@pytest.mark.parametrize("act", ["fill", "spin", "crash"])
def test_g7_what_fills_memory_hangs_or_crashes_harms_its_own_process_alone(act: str) -> None:
    with pytest.raises(OutOfBounds):
        in_bounds(f"{RUNAWAY}:{act}", b"", bounds=Bounds(memory=1 << 30, seconds=2, queue="test"))


def test_g7_source_and_arguments_arrive() -> None:
    assert in_bounds(f"{RUNAWAY}:told", b"abc", {"more": 7}, bounds=Bounds(queue="test")) == b"abc7"


def test_g7_one_turn_at_a_time_and_who_waits_too_long_is_told() -> None:
    bounds = Bounds(queue="test", wait=0.2)
    with turn(bounds), pytest.raises(Busy), turn(bounds):
        pass
    with turn(bounds):
        pass


def test_g7_turns_are_never_held_by_two() -> None:
    holding, most = 0, 0
    lock = threading.Lock()

    def hold() -> None:
        nonlocal holding, most
        with turn(Bounds(queue="test", wait=10)):
            with lock:
                holding += 1
                most = max(most, holding)
            time.sleep(0.05)
            with lock:
                holding -= 1

    threads = [threading.Thread(target=hold) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


@pytest.mark.parametrize("fmt", ["GIF", "TIFF", "BMP", "AVIF"])
def test_g7_other_formats_are_refused_or_read_in_bounds(fmt: str) -> None:
    made = BytesIO()
    Image.new("RGB", (64, 64)).save(made, fmt)
    before = peak_kb()
    try:
        read_photo(made)
    except PhotoError as refused:
        assert fmt in str(refused) or "照片" in str(refused)  # noqa: PT017
    assert (peak_kb() - before) // 1024 < 20


def test_g7_no_turn_is_said_with_503_and_nothing_is_kept(
    world: World, client: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from uuid import uuid4

    from django.test import Client

    from media.models import Photo

    def none(*args: object, **named: object) -> bytes:
        raise Busy

    monkeypatch.setattr("media.photo_reading.in_bounds", none)
    caller = Client()
    caller.force_login(world.editor, backend="django.contrib.auth.backends.ModelBackend")
    made = BytesIO()
    Image.new("RGB", (640, 480)).save(made, "JPEG")
    sent = {"client_id": str(uuid4()), "estate": world.estate.pk, "kind": RECORD_KIND}
    answer = caller.post(
        "/file/photos/",
        sent | {"file": SimpleUploadedFile("a.jpg", made.getvalue())},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.json() == {"error": "服务器正在处理其他文件，请稍等几秒再试。"}
    assert not Photo.objects.exists()
