from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from http.client import HTTPConnection
from io import BytesIO
from itertools import chain, repeat
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from casebook.factories import make_draft
from casebook.models import CasePage
from casebook.services.clearing import clear_abandoned
from estates.filing_plan import FilePlace
from media.factories import draw_photo, make_photo
from media.inspection import PhotoError, inspect_photo
from media.models import ADMIN_SIZE, SIZES, Photo, PhotoRendition
from media.services import store_photo
from tests.conftest import World

PLACE = FilePlace("YLW", "3-2-1201", "AL", date(2026, 11, 22))
ROOT = Path(__file__).parent.parent.parent


def stored(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_bytes_stay_as_they_came_and_the_name_is_the_plans(world: World, files: Path) -> None:
    content = draw_photo(1)
    photo = store_photo(upload=BytesIO(content), name="漏水 现场.JPG", place=PLACE, by=world.editor, client_id=uuid4())
    assert photo.path == "YLW/2026-11/YLW_3-2-1201_AL_20261122_00001.jpg"
    assert photo.original_name == "漏水 现场.JPG"
    assert (files / photo.path).read_bytes() == content
    assert photo.sha256 == hashlib.sha256(content).hexdigest()


def test_the_same_upload_sent_twice_is_one_photo(world: World, files: Path) -> None:
    client_id = uuid4()
    for _ in range(2):
        store_photo(upload=BytesIO(draw_photo(1)), name="a.jpg", place=PLACE, by=world.editor, client_id=client_id)
    assert Photo.objects.count() == 1
    assert len([name for name in stored(files) if not name.startswith("renditions")]) == 1


@pytest.mark.parametrize(
    ("name", "extension", "upright"),
    [
        ("DSCN0010.jpg", "jpg", False),
        ("landscape_6.jpg", "jpg", False),
        ("portrait_8.jpg", "jpg", True),
        ("IMG_5195.HEIC", "heic", None),
        ("samplefilehub.heif", "heic", None),
        ("45-gps_ifd.jpg", "jpg", None),
        ("87_OSError.jpg", "jpg", None),
        ("jolla.jpg", "jpg", None),
    ],
)
def test_real_photos_are_turned_right_and_lose_their_metadata(
    test_data: Path, name: str, extension: str, upright: bool | None
) -> None:
    with (test_data / "data" / "photos" / name).open("rb") as stream:
        seen = inspect_photo(stream)
    assert seen.extension == extension
    with Image.open(BytesIO(seen.copy)) as shown:
        assert dict(shown.getexif()) == {}
        assert b"GPS" not in seen.copy[:4096]
        if upright is not None:
            assert (shown.height > shown.width) is upright


def test_the_capture_time_is_read(test_data: Path) -> None:
    with (test_data / "data" / "photos" / "DSCN0010.jpg").open("rb") as stream:
        assert f"{inspect_photo(stream).captured_at:%Y-%m-%d %H:%M}" == "2008-10-22 16:28"


def bomb() -> bytes:
    buffer = BytesIO()
    Image.new("1", (20_000, 20_000)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "空的"),
        (b"hello", "不是照片"),
        (draw_photo(1)[:4000], "不完整或已损坏"),
        (draw_photo(1, fmt="TIFF", size=(60, 40)), "其实是 TIFF"),
        (draw_photo(1, fmt="GIF", size=(60, 40)), "其实是 GIF"),
        (bomb(), "像素太多"),
    ],
    ids=["0 bytes", "text", "truncated", "TIFF called jpg", "GIF called jpg", "decompression bomb"],
)
def test_a_bad_file_is_refused_in_words_and_leaves_nothing(
    world: World, files: Path, content: bytes, message: str
) -> None:
    with pytest.raises(PhotoError, match=message):
        store_photo(upload=BytesIO(content), name="x.jpg", place=PLACE, by=world.editor, client_id=uuid4())
    assert (Photo.objects.count(), stored(files)) == (0, [])


def test_a_png_called_jpg_is_kept_under_its_true_name(world: World) -> None:
    content = draw_photo(2, fmt="PNG", size=(80, 60))
    photo = store_photo(upload=BytesIO(content), name="x.jpg", place=PLACE, by=world.editor, client_id=uuid4())
    assert photo.path.endswith("_00001.png")


def upload(client: Client, world: World, content: bytes, name: str = "x.jpg") -> dict[str, str]:
    file = SimpleUploadedFile(name, content, "image/jpeg")
    answer = client.post(
        "/file/photos/",
        {
            "client_id": str(uuid4()),
            "estate": world.estate.pk,
            "record_date": "2026-11-22",
            "unit_text": "",
            "file": file,
        },
    )
    told: dict[str, str] = answer.json() | {"status": str(answer.status_code)}
    return told


def test_an_upload_over_the_limit_is_dropped_with_a_message(world: World, files: Path, settings: Settings) -> None:
    settings.PHOTO_MAX_BYTES = 1024 * 1024
    client = Client()
    client.force_login(world.editor)
    told = upload(client, world, b"\xff\xd8" + b"0" * (5 * 1024 * 1024), "现场.jpg")
    assert (told["status"], "现场.jpg 超过 1 MB" in told["error"]) == ("422", True)
    assert (Photo.objects.count(), stored(files)) == (0, [])


@pytest.mark.django_db(transaction=True)
def test_two_hundred_megabytes_are_refused_without_being_kept(
    build: Callable[[], World], live_server: LiveServer, files: Path
) -> None:
    world, client = build(), Client()
    client.force_login(world.editor)
    client.get("/file/")
    cookies = {name: client.cookies[name].value for name in ("sessionid", "csrftoken")}
    head = (
        f'--edge\r\nContent-Disposition: form-data; name="client_id"\r\n\r\n{uuid4()}\r\n'
        f'--edge\r\nContent-Disposition: form-data; name="estate"\r\n\r\n{world.estate.pk}\r\n'
        '--edge\r\nContent-Disposition: form-data; name="record_date"\r\n\r\n2026-11-22\r\n'
        '--edge\r\nContent-Disposition: form-data; name="file"; filename="big.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    ).encode()
    tail, megabytes, chunk = b"\r\n--edge--\r\n", 200, b"\xff" * 1024 * 1024
    connection = HTTPConnection(live_server.thread.host, live_server.thread.port, timeout=120)
    connection.request(
        "POST",
        "/file/photos/",
        body=chain([head], repeat(chunk, megabytes), [tail]),
        headers={
            "Content-Type": "multipart/form-data; boundary=edge",
            "Content-Length": str(len(head) + len(chunk) * megabytes + len(tail)),
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "X-CSRFToken": cookies["csrftoken"],
        },
    )
    answer = connection.getresponse()
    told = json.loads(answer.read())["error"]
    assert (answer.status, "big.jpg 超过 40 MB" in told) == (422, True)
    assert (Photo.objects.count(), stored(files)) == (0, [])


def test_an_upload_to_a_foreign_or_unknown_estate_is_refused(world: World, files: Path) -> None:
    client = Client()
    client.force_login(world.other_editor)
    assert "先选择楼盘" in upload(client, world, draw_photo(1))["error"]
    assert stored(files) == []


def test_the_same_picture_in_another_case_is_pointed_out(world: World) -> None:
    draft = make_draft(world.editor, world.estate, world.company.design)
    content = draft.photos.get().photo.file.read()
    client = Client()
    client.force_login(world.editor)
    assert draft.title in upload(client, world, content)["note"]


def test_a_range_and_a_known_version_are_answered_in_part(world: World) -> None:
    photo = make_photo(world.editor, PLACE)
    client = Client()
    client.force_login(world.editor)
    whole = client.get(photo.file.url)
    body = b"".join(whole.streaming_content)  # type: ignore[attr-defined]
    assert (whole.status_code, whole["Cache-Control"], whole["Content-Type"]) == (
        200,
        "private, no-cache",
        "image/jpeg",
    )
    part = client.get(photo.file.url, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part["Content-Range"]) == (206, f"bytes 10-19/{len(body)}")
    assert b"".join(part.streaming_content) == body[10:20]  # type: ignore[attr-defined]
    assert client.get(photo.file.url, headers={"Range": f"bytes={len(body)}-"}).status_code == 416
    assert client.get(photo.file.url, headers={"If-None-Match": whole["ETag"]}).status_code == 304
    stranger = Client()
    stranger.force_login(world.manager)
    assert stranger.get(photo.file.url).status_code == 404


def test_an_originals_address_shows_the_copy_without_metadata(test_data: Path, world: World) -> None:
    content = (test_data / "data" / "photos" / "DSCN0010.jpg").read_bytes()
    photo = store_photo(upload=BytesIO(content), name="x.jpg", place=PLACE, by=world.editor, client_id=uuid4())
    client = Client()
    client.force_login(world.editor)
    for path in (photo.path, photo.copy_path, *(r.file.name for r in PhotoRendition.objects.all())):
        shown = b"".join(client.get(f"/media/{path}").streaming_content)  # type: ignore[attr-defined]
        with Image.open(BytesIO(shown)) as image:
            assert dict(image.getexif()) == {}, path


@pytest.mark.parametrize("pixels", [(640, 480), (480, 640), (3000, 700), (161, 90), (100, 100), (2, 1900)])
def test_what_a_page_says_of_a_photo_is_what_the_browser_gets(world: World, pixels: tuple[int, int]) -> None:
    drawn = BytesIO()
    Image.new("RGB", pixels, "white").save(drawn, "PNG")
    photo = store_photo(upload=drawn, name="x.png", place=PLACE, by=world.editor, client_id=uuid4())
    client = Client()
    client.force_login(world.editor)
    for size in SIZES:
        shown = photo.sized(size)
        served = Image.open(BytesIO(b"".join(client.get(shown.url))))
        assert (size, served.size) == (size, (shown.width, shown.height))


def test_a_rendition_that_went_missing_is_made_for_those_who_may_see_it(world: World, files: Path) -> None:
    photo = store_photo(upload=BytesIO(draw_photo(1)), name="x.jpg", place=PLACE, by=world.editor, client_id=uuid4())
    for made in photo.renditions.all():
        made.delete()
    address = photo.sized("card").url
    stranger = Client()
    stranger.force_login(world.engineer)
    assert stranger.get(address).status_code == 404
    assert not photo.renditions.exists()
    client = Client()
    client.force_login(world.editor)
    assert client.get(address).status_code == 200
    assert [made.filter_spec for made in photo.renditions.all()] == [SIZES["card"]]
    compared = address.replace("fill-480x360", ADMIN_SIZE)
    assert (client.get(compared).status_code, stranger.get(compared).status_code) == (200, 404)
    assert client.get(address.replace("fill-480x360", "fill-9000x9000")).status_code == 404


def test_abandoned_drafts_go_with_their_files_and_others_stay(world: World, files: Path) -> None:
    old = make_draft(world.editor, world.estate, world.company.design, photos=2)
    kept = make_draft(world.editor, world.estate, world.company.design)
    make_photo(world.editor, PLACE)
    CasePage.objects.filter(pk=old.pk).update(latest_revision_created_at="2026-01-01T00:00:00Z")
    Photo.objects.filter(record_kind="").update(created_at="2026-01-01T00:00:00Z")
    cleared = clear_abandoned(older_than_days=30)
    assert (cleared.drafts, cleared.photos) == (1, 3)
    assert list(CasePage.objects.values_list("pk", flat=True)) == [kept.pk]


PEAK = """
import sys
from io import BytesIO
import django
from django.conf import settings
settings.configure(PHOTO_MAX_PIXELS=80_000_000, TIME_ZONE="Asia/Shanghai", USE_I18N=False)
django.setup()
from media.inspection import inspect_photo
from PIL import Image

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

small = BytesIO()
Image.new("RGB", (640, 480)).save(small, sys.argv[2])
inspect_photo(small)
before = peak()
with open(sys.argv[1], "rb") as stream:
    inspect_photo(stream)
print((peak() - before) // 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc, which Linux has")
@pytest.mark.parametrize(
    ("fmt", "size"),
    [("JPEG", (7300, 5480)), ("PNG", (7300, 5480)), ("HEIF", (7300, 5480)), ("WEBP", (5650, 4240))],
    ids=["JPEG", "PNG", "HEIF", "WebP at its limit of 24"],
)
def test_forty_megapixels_raise_the_peak_by_at_most_400_mb(
    tmp_path: Path, fmt: str, size: tuple[int, int], record_property: Callable[[str, object], None]
) -> None:
    large = tmp_path / "large"
    Image.linear_gradient("L").resize(size).convert("RGB").save(large, fmt)
    answer = subprocess.run(  # noqa: S603  our own code
        [sys.executable, "-c", PEAK, str(large), fmt], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert answer.returncode == 0, answer.stderr
    record_property(f"peak_{fmt}_mb", answer.stdout.strip())
    print(f"\n{size[0] * size[1] / 1e6:.0f} megapixels {fmt}: +{answer.stdout.strip()} MB")
    assert 0 < int(answer.stdout) <= 400


@pytest.fixture
def bucket(settings: Settings) -> Settings:
    """The real S3 server of `make services`."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    keys = {"endpoint_url": "http://127.0.0.1:9345", "region_name": "us-east-1"}
    secret = {"aws_access_key_id": "anjuan-test", "aws_secret_access_key": "anjuan-test-secret"}
    try:
        boto3.client("s3", **keys, **secret).list_objects_v2(Bucket="anjuan-test")
    except (BotoCoreError, ClientError):
        pytest.skip("no S3 server: run `make services`")
    options = {**keys, "bucket_name": "anjuan-test", "access_key": "anjuan-test", "secret_key": "anjuan-test-secret"}
    folder = f"run-{uuid4().hex}"
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "media.storage.FiledBucket",
            "OPTIONS": {**options, "location": folder, "file_overwrite": False},
        }
    }
    return settings


def test_on_s3_names_are_the_same_and_only_our_view_serves_them(world: World, bucket: Settings) -> None:
    content = draw_photo(3)
    photo = store_photo(upload=BytesIO(content), name="x.jpg", place=PLACE, by=world.editor, client_id=uuid4())
    assert photo.path == "YLW/2026-11/YLW_3-2-1201_AL_20261122_00001.jpg"
    assert photo.file.url == f"/media/{photo.path}"
    assert photo.file.storage.open(photo.path).read() == content
    client = Client()
    client.force_login(world.editor)
    assert client.get(photo.sized("card").url).status_code == 200
    stranger = Client()
    stranger.force_login(world.engineer)
    assert stranger.get(photo.file.url).status_code == 404
    assert photo.file.storage.save(photo.path, ContentFile(b"x")) != photo.path
