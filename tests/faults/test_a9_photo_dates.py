"""What a camera writes into a photo is read with care: whatever stands there, the photo is kept."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.ExifTags import IFD, Base

from media.factories import draw_photo
from media.inspection import inspect_photo
from media.models import Photo
from tests.conftest import World


def upload(world: World, content: bytes, **place: object) -> tuple[int, dict[str, str]]:
    client = Client()
    client.force_login(world.editor)
    data = {"client_id": str(uuid4()), "estate": world.estate.pk, "record_date": "2026-11-20"} | place
    answer = client.post("/file/photos/", data | {"file": SimpleUploadedFile("a.jpg", content, "image/jpeg")})
    return answer.status_code, answer.json()


def with_exif(noted: object = None, offset: object = None, **more: object) -> bytes:
    exif = Image.Exif()
    within = exif.get_ifd(IFD.Exif)
    if noted is not None:
        within[Base.DateTimeOriginal] = noted
    if offset is not None:
        within[Base.OffsetTimeOriginal] = offset
    if "orientation" in more:
        exif[Base.Orientation] = more["orientation"]
        exif.get_ifd(IFD.Exif)
    return draw_photo(1, size=(60, 40), exif=exif.tobytes())


def captured(content: bytes) -> datetime | None:
    return inspect_photo(BytesIO(content)).captured_at


@pytest.mark.parametrize("name", ["date_y0001.jpg", "date_y9999.jpg"])
def test_a9_an_impossible_date_is_no_capture_time(world: World, test_data: Path, name: str) -> None:
    status, told = upload(world, (test_data / "faults" / "inputs" / name).read_bytes())
    assert status == 200, told
    assert Photo.objects.get().captured_at is None


def test_a9_a_blank_offset_still_gives_a_time(world: World, test_data: Path) -> None:
    status, _told = upload(world, (test_data / "faults" / "inputs" / "date_blank_offset.jpg").read_bytes())
    assert status == 200
    moment = Photo.objects.get().captured_at
    assert moment is not None
    assert timezone.localtime(moment).year in range(2000, 2027)


@pytest.mark.parametrize(
    ("noted", "offset", "moment"),
    [
        ("2026:11:20 10:30:00", None, datetime(2026, 11, 20, 2, 30, tzinfo=UTC)),
        ("2026:11:20 10:30:00", "+08:00", datetime(2026, 11, 20, 2, 30, tzinfo=UTC)),
        ("2026:11:20 10:30:00", "+0900", datetime(2026, 11, 20, 1, 30, tzinfo=UTC)),
        ("2026:11:20 10:30:00", "-03:30", datetime(2026, 11, 20, 14, 0, tzinfo=UTC)),
        ("2026:11:20 10:30:00", "Z", datetime(2026, 11, 20, 10, 30, tzinfo=UTC)),
        ("2026:11:20 10:30:00", "   :  ", datetime(2026, 11, 20, 2, 30, tzinfo=UTC)),
        ("2026:11:20 10:30:00", "+99:99", datetime(2026, 11, 20, 2, 30, tzinfo=UTC)),
        ("2026:11:20 10:30:00", "北京", datetime(2026, 11, 20, 2, 30, tzinfo=UTC)),
        ("2026-11-20T10:30:00.25", None, datetime(2026, 11, 20, 2, 30, tzinfo=UTC)),
        ("2026:11:20 10:30", None, datetime(2026, 11, 20, 2, 30, tzinfo=UTC)),
        ("0001:01:01 00:00:00", "+08:00", None),
        ("9999:12:31 23:59:59", "-08:00", None),
        ("0000:00:00 00:00:00", None, None),
        ("1980:01:01 00:00:00", None, None),
        ("2026:13:40 25:61:61", None, None),
        ("    :  :     :  :  ", None, None),
        ("２０２６:11:20 10:30:00", None, None),
        ("", None, None),
    ],
)
def test_a9_dates_and_offsets(noted: str, offset: str | None, moment: datetime | None) -> None:
    assert captured(with_exif(noted.encode() if not noted.isascii() else noted, offset and offset.encode())) == moment


def test_a9_a_date_to_come_is_no_capture_time() -> None:
    tomorrow = datetime(timezone.localdate().year + 1, 12, 31)  # noqa: DTZ001  as a camera writes it
    assert captured(with_exif(f"{tomorrow:%Y:%m:%d %H:%M:%S}")) is None


@pytest.mark.parametrize("orientation", [0, 9, 65535, 6])
def test_a9_an_odd_orientation_does_not_refuse_the_photo(orientation: object) -> None:
    content = with_exif("2026:11:20 10:30:00", orientation=orientation)
    found = inspect_photo(BytesIO(content))
    assert (found.copy_width, found.copy_height) == ((40, 60) if orientation == 6 else (60, 40))


def test_a9_an_orientation_of_another_type_does_not_refuse_the_photo() -> None:
    as_text = struct.pack("<6s2sHIHHHI4sI", b"Exif\0\0", b"II", 42, 8, 1, 0x0112, 2, 2, b"6\0\0\0", 0)
    found = inspect_photo(BytesIO(draw_photo(1, size=(60, 40), exif=as_text)))
    assert (found.copy_width, found.copy_height) == (60, 40)


@settings(max_examples=150, deadline=None)
@given(st.binary(min_size=0, max_size=120), st.sampled_from([b"II*\0", b"MM\0*", b"", b"II*\0\x08\0\0\0\xff\xff"]))
def test_a9_no_block_of_exif_makes_a_photo_unreadable(noise: bytes, head: bytes) -> None:
    image = draw_photo(1, size=(60, 40))
    payload = b"Exif\0\0" + head + noise
    spoiled = image[:2] + b"\xff\xe1" + (len(payload) + 2).to_bytes(2, "big") + payload + image[2:]
    assert inspect_photo(BytesIO(spoiled)).extension == "jpg"


@pytest.mark.parametrize("day", ["0026-11-20", "0001-01-01", "9999-12-31", "2026-13-45", "26-11-20", "昨天", ""])
def test_a9_no_record_date_breaks_the_form_or_the_photo(world: World, day: str) -> None:
    status, _told = upload(world, draw_photo(2, size=(60, 40)), record_date=day)
    assert status in (200, 422)
    client = Client(raise_request_exception=False)
    client.force_login(world.editor)
    data = {"estate": world.estate.pk, "record_date": day, "description": "渗漏", "action": "draft"}
    assert client.post("/file/", data, headers={"Accept": "application/json"}).status_code in (200, 422)
