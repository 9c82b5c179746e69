"""Photos for everybody: what was blurred cannot be had back, and nothing else than the blurred copy is served."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from django.test import Client
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks

from estates.filing_plan import FilePlace
from media.blurring import UnfitForPublic, blur_box
from media.factories import draw_photo, make_photo
from media.models import PUBLIC_SIZES, PublicPhoto
from media.public_photos import decide_blur, judge_photo, publish_photo, publish_upload
from tests.conftest import World

DAY = date(2026, 11, 20)
BOX = (0.25, 0.25, 0.5, 0.5)


def chequered(edge: int = 400) -> Image.Image:
    image = Image.new("RGB", (edge, edge), "white")
    for x in range(0, edge, 20):
        for y in range(0, edge, 20):
            if (x + y) // 20 % 2:
                image.paste("black", (x, y, x + 20, y + 20))
    return image


def contrast(image: Image.Image, box: tuple[int, int, int, int]) -> int:
    low, high = image.crop(box).convert("L").getextrema()
    return int(high) - int(low)  # type: ignore[arg-type]


def served(client: Client, photo: PublicPhoto, size: str = "mail") -> Image.Image:
    answer = client.get(photo.sized(size).url)
    assert answer.status_code == 200
    return Image.open(BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]


def test_a_box_keeps_no_detail_and_the_rest_stays() -> None:
    image = chequered()
    blur_box(image, BOX)
    assert contrast(image, (120, 120, 280, 280)) < 60
    assert contrast(image, (0, 0, 80, 80)) == 255


def test_only_the_blurred_copy_is_served(world: World, client: Client) -> None:
    buffer = BytesIO()
    chequered(1200).save(buffer, "JPEG", exif=b"")
    photo = publish_upload(upload=buffer, title="远景", alternative="黑白格", boxes=[BOX], by=world.editor)
    for size in PUBLIC_SIZES:
        shown = served(client, photo, size)
        edge = shown.width
        assert contrast(shown, (edge // 3, edge // 3, edge * 2 // 3, edge * 2 // 3)) < 80
        assert not shown.getexif()
    assert client.get(photo.sized("mail").url.replace("mail.jpg", "base.jpg")).status_code == 404
    assert client.get(f"/media/{photo.base}").status_code in (302, 404)
    assert client.get(f"/public-photos/{photo.pk}/base/").status_code == 302


def test_other_boxes_end_the_old_address(
    world: World, client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    photo = publish_upload(upload=BytesIO(draw_photo(1)), title="", alternative="墙", boxes=[], by=world.editor)
    old = photo.sized("mail").url
    with django_capture_on_commit_callbacks(execute=True):
        asked = judge_photo(public=photo, alternative="墙", boxes=[BOX], by=world.editor)
        assert client.get(old).status_code == 410, "what is not blurred enough is gone before anybody approves"
        changed = decide_blur(public=photo, seen=asked.proposed_at, approve=True, by=world.manager)
    assert client.get(old).status_code == 404
    assert client.get(changed.sized("mail").url).status_code == 200
    assert not photo.base.storage.exists(photo.path("mail"))


def test_a_records_photo_stays_as_it_is(world: World, client: Client) -> None:
    photo = make_photo(world.editor, FilePlace(world.estate.code, None, "AL", DAY))
    public = publish_photo(photo=photo, title="渗水", alternative="顶板", boxes=[BOX], by=world.editor)
    assert public.source == photo
    assert served(client, public).width == 1200
    assert client.get(photo.sized("page").url).status_code == 302, "the record's photo is as private as before"


@pytest.mark.parametrize(
    ("alternative", "boxes", "told"),
    [
        pytest.param(" ", [], "请写替代文字：一句话说照片里有什么，给看不见照片的人。", id="no words"),
        pytest.param("墙", [(0.5, 0.5, 0.9, 0.1)], "模糊区域超出了照片，请重新框选。", id="outside"),
        pytest.param("墙", [(0.1, 0.1, 0.1, 0.1)] * 61, "模糊区域最多 60 个。", id="too many"),
    ],
)
def test_bad_words_and_boxes_are_refused(
    world: World, alternative: str, boxes: list[tuple[float, float, float, float]], told: str
) -> None:
    with pytest.raises(UnfitForPublic) as refused:
        publish_upload(upload=BytesIO(draw_photo(1)), title="", alternative=alternative, boxes=boxes, by=world.editor)
    assert str(refused.value) == told
    assert not PublicPhoto.objects.exists()


def test_editors_publish_photos_of_records_that_they_see(world: World, client: Client) -> None:
    photo = make_photo(world.editor, FilePlace(world.estate.code, None, "AL", DAY))
    address, asked = (
        f"/public-photos/of/{photo.pk}/",
        {"alternative": "顶板", "boxes": "[[0.1,0.1,0.2,0.2]]", "title": "渗水"},
    )
    client.force_login(world.designer)
    assert client.post(address, asked).status_code == 403
    client.force_login(world.other_editor)
    assert client.post(address, asked).status_code == 404
    assert not PublicPhoto.objects.exists()
    client.force_login(world.editor)
    assert client.get(address).status_code == 200
    assert client.post(address, asked | {"boxes": "nonsense"}).status_code == 422
    assert client.post(address, asked).status_code == 302
    assert PublicPhoto.objects.get().blurred == [[0.1, 0.1, 0.2, 0.2]]
