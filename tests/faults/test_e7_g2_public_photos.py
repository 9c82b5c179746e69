"""E7, G2: a photo is public only after it was judged; what was blurred is changed by two people who have the right."""

from __future__ import annotations

import json
from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks

from estates.factories import make_person
from estates.filing_plan import FilePlace
from estates.models import User
from estates.roles import Role
from magazine.checklist import blocking_checks
from magazine.content import content_of
from magazine.models import IssuePage
from media.factories import draw_photo, make_photo
from media.models import PublicPhoto
from media.public_photos import open_size, publish_photo
from tests.conftest import World
from tests.magazine.conftest import article, make_published
from tests.website.test_website import make_article
from website.services.founding import found_website

BOXES = [[0.1, 0.1, 0.3, 0.3]]
ALL_SIZES = ("small", "mail", "large")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def uploaded(world: World, content: bytes = b"") -> PublicPhoto:
    file = SimpleUploadedFile("x.jpg", content or draw_photo(1), "image/jpeg")
    answer = signed_in(world.editor).post(
        "/public-photos/", {"photo": file, "title": "远景", "alternative": "小区", "estate": world.estate.pk}
    )
    assert answer.status_code == 302
    return PublicPhoto.objects.latest("pk")


def address(photo: PublicPhoto, size: str = "mail") -> str:
    photo.refresh_from_db()
    return photo.sized(size).url


def judge(by: User, photo: PublicPhoto, boxes: list[list[float]], **more: str) -> int:
    asked = {"alternative": "小区", "boxes": json.dumps(boxes)} | more
    return signed_in(by).post(f"/public-photos/{photo.pk}/", asked).status_code


def status_of(photo: PublicPhoto) -> int:
    return Client().get(address(photo)).status_code


def decide(by: User, photo: PublicPhoto, **asked: str) -> int:
    photo.refresh_from_db()
    seen = photo.proposed_at.isoformat() if photo.proposed_at else ""
    return signed_in(by).post(f"/public-photos/{photo.pk}/decide/", {"seen": seen} | asked).status_code


def make_second(world: World) -> User:
    return make_person("editor-2", Role.EDITOR, department=world.company.service, estate=world.estate)


@pytest.fixture
def live(world: World) -> PublicPhoto:
    """A photo of a record, public with one box."""
    photo = make_photo(world.editor, FilePlace(world.estate.code, None, "AL", date(2026, 11, 20)))
    return publish_photo(photo=photo, title="渗水", alternative="顶板", boxes=[(0.1, 0.1, 0.3, 0.3)], by=world.editor)


def test_e7_an_uploaded_photo_is_nobodys_until_a_person_judged_it(world: World) -> None:
    photo = uploaded(world)
    for size in ALL_SIZES:
        answer = Client().get(address(photo, size))
        assert answer.status_code in (404, 410)
        assert "no-store" in answer["Cache-Control"]
    assert judge(world.editor, photo, []) == 422, "neither boxes nor a word that there is nothing to blur"
    assert status_of(photo) in (404, 410)
    assert judge(world.editor, photo, [], nothing="1") == 302
    assert status_of(photo) == 200


def test_e7_with_boxes_it_is_public_blurred(world: World) -> None:
    photo = uploaded(world)
    assert judge(world.editor, photo, BOXES) == 302
    photo.refresh_from_db()
    assert (photo.blurred, photo.judged_by) == (BOXES, world.editor)
    answer = Client().get(address(photo))
    assert answer.status_code == 200
    assert "max-age=86400" not in answer["Cache-Control"]
    assert Client().get(address(photo), headers={"If-None-Match": answer["ETag"]}).status_code == 304


def test_e7_the_list_shows_what_waits_to_those_who_have_the_right(world: World) -> None:
    photo = uploaded(world)
    told = signed_in(world.manager).get("/public-photos/").content.decode()
    assert "待审看" in told
    assert f"/public-photos/{photo.pk}/" in told
    assert f"/public-photos/{photo.pk}/" in signed_in(world.manager).get("/work/").content.decode()
    assert "远景" not in signed_in(world.other_editor).get("/public-photos/").content.decode()


def test_e7_withdrawn_it_is_gone_at_once(
    world: World, live: PublicPhoto, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    was = [address(live, size) for size in ALL_SIZES]
    assert [Client().get(path).status_code for path in was] == [200, 200, 200]
    with django_capture_on_commit_callbacks(execute=True):
        assert signed_in(world.editor).post(f"/public-photos/{live.pk}/withdraw/").status_code == 302
    for path in (*was, *(address(live, size) for size in ALL_SIZES)):
        answer = Client().get(path)
        assert answer.status_code in (404, 410)
        assert "no-store" in answer["Cache-Control"]
    with pytest.raises(FileNotFoundError):
        open_size(live, "mail")
    assert judge(world.editor, live, BOXES) == 302
    assert status_of(live) in (404, 410), "back only with a second person"
    assert decide(make_second(world), live, approve="1") == 302
    assert status_of(live) == 200


def test_e7_a_page_shows_no_photo_that_waits_and_its_editor_is_told(world: World) -> None:
    photo = uploaded(world)
    page = make_article(found_website(), world.editor, picture=photo)
    page.body = [("picture", {"photo": photo, "caption": ""})]
    page.save_revision().publish(skip_permission_checks=True)
    told = Client().get(page.url).content.decode()
    assert photo.key not in told
    assert "还没有审看" not in told
    assert photo.key not in Client().get("/site/").content.decode()
    revision = page.latest_revision
    shown = signed_in(world.editor).get(f"/admin/pages/{page.pk}/revisions/{revision.pk}/view/").content.decode()
    assert "还没有审看" in shown
    assert photo.key not in shown


def test_e7_an_issue_with_a_photo_that_waits_is_not_sent(world: World) -> None:
    photo = uploaded(world)
    block = article()
    block[1]["photos"] = [{"photo": photo, "caption": ""}]
    issue: IssuePage = make_published(world.editor, block)
    problems = [check for check in blocking_checks(content_of(issue)) if not check.is_good]
    assert [problem.blocks for problem in problems] == [True]
    assert "验房三步" in problems[0].problems[0]
    assert photo.key not in Client().get(issue.url).content.decode()
    assert judge(world.editor, photo, [], nothing="1") == 302
    issue = IssuePage.objects.get(pk=issue.pk)
    assert all(check.is_good for check in blocking_checks(content_of(issue)))
    assert photo.key in Client().get(issue.url).content.decode()


def test_g2_an_editor_of_another_estate_neither_sees_nor_changes(world: World, live: PublicPhoto) -> None:
    before = PublicPhoto.objects.values().get(pk=live.pk)
    client = signed_in(world.other_editor)
    for path in (
        f"/public-photos/{live.pk}/base/",
        f"/public-photos/{live.pk}/",
        f"/public-photos/{live.pk}/proposed/",
    ):
        assert client.get(path).status_code == 404, path
    asked = {"alternative": "顶板", "boxes": "[]", "nothing": "1"}
    for path in ("", "withdraw/", "decide/"):
        assert client.post(f"/public-photos/{live.pk}/{path}", asked).status_code == 404, path
    assert PublicPhoto.objects.values().get(pk=live.pk) == before
    for user in (world.designer, world.engineer):
        assert signed_in(user).get(f"/public-photos/{live.pk}/base/").status_code == 403


def test_g2_the_original_of_an_upload_is_its_estates(world: World) -> None:
    photo = uploaded(world)
    base = f"/public-photos/{photo.pk}/base/"
    assert signed_in(world.manager).get(base).status_code == 200
    assert signed_in(world.other_editor).get(base).status_code == 404
    assert "no-store" in signed_in(world.manager).get(base)["Cache-Control"]


def test_g2_less_blur_waits_for_a_second_person(world: World, live: PublicPhoto) -> None:
    was = address(live)
    assert judge(world.editor, live, [], nothing="1") == 302
    assert (status_of(live), address(live)) == (200, was), "the old version stays"
    assert PublicPhoto.objects.get(pk=live.pk).blurred == BOXES
    assert decide(world.editor, live, approve="1") == 302
    assert PublicPhoto.objects.get(pk=live.pk).blurred == BOXES, "not by the one who asked"
    assert address(live) == was
    assert decide(world.manager, live, approve="1") == 302
    assert PublicPhoto.objects.get(pk=live.pk).blurred == []
    assert status_of(live) == 200
    assert Client().get(was).status_code == 404


def test_g2_more_blur_takes_the_old_version_away_at_once(world: World, live: PublicPhoto) -> None:
    was = address(live)
    more = [*BOXES, [0.6, 0.6, 0.2, 0.2]]
    assert judge(world.editor, live, more) == 302
    assert Client().get(was).status_code in (404, 410)
    assert status_of(live) in (404, 410)
    assert decide(world.manager, live, approve="1") == 302
    assert status_of(live) == 200
    assert PublicPhoto.objects.get(pk=live.pk).blurred == more


def test_g2_what_was_seen_is_what_is_approved(world: World, live: PublicPhoto) -> None:
    assert judge(world.editor, live, [], nothing="1") == 302
    stale = PublicPhoto.objects.get(pk=live.pk).proposed_at
    assert stale is not None
    assert judge(make_second(world), live, [[0.0, 0.0, 0.05, 0.05]]) == 302
    asked = {"seen": stale.isoformat(), "approve": "1"}
    assert signed_in(world.manager).post(f"/public-photos/{live.pk}/decide/", asked).status_code == 302
    assert PublicPhoto.objects.get(pk=live.pk).blurred == BOXES


def test_g2_returned_the_public_version_stays(world: World, live: PublicPhoto) -> None:
    assert judge(world.editor, live, [], nothing="1") == 302
    assert decide(world.manager, live, refuse="1") == 302
    live.refresh_from_db()
    assert (live.proposed, live.blurred, status_of(live)) == (None, BOXES, 200)


@pytest.mark.parametrize("again", ["of the record", "uploaded"])
def test_g2_a_second_copy_is_no_way_round(world: World, again: str) -> None:
    """The same photo made public anew, without its boxes, waits for a second person as well."""
    content = draw_photo(7)
    if again == "uploaded":
        first = uploaded(world, content)
        assert judge(world.editor, first, BOXES) == 302
        second = uploaded(world, content)
        assert judge(world.editor, second, [], nothing="1") == 302
    else:
        photo = make_photo(world.editor, FilePlace(world.estate.code, None, "AL", date(2026, 11, 20)))
        publish_photo(photo=photo, title="甲", alternative="甲", boxes=[(0.1, 0.1, 0.3, 0.3)], by=world.editor)
        asked = {"alternative": "顶板", "boxes": "[]", "title": "乙", "nothing": "1"}
        assert signed_in(world.editor).post(f"/public-photos/of/{photo.pk}/", asked).status_code == 302
        second = PublicPhoto.objects.latest("pk")
    assert status_of(second) in (404, 410)
    assert decide(world.editor, second, approve="1") == 302
    assert status_of(second) in (404, 410)
    assert decide(world.manager, second, approve="1") == 302
    assert status_of(second) == 200


def test_g2_nothing_of_the_camera_is_left_in_any_copy(world: World) -> None:
    buffer = BytesIO()
    exif = Image.Exif()
    exif[0x010E], exif[0x013B] = "秘密说明".encode(), "示例作者".encode()
    exif.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", (900, 600), "white").save(buffer, "JPEG", exif=exif.tobytes(), comment=b"geheim", xmp=b"<x>geheim")
    photo = uploaded(world, buffer.getvalue())
    base = signed_in(world.manager).get(f"/public-photos/{photo.pk}/base/").content
    assert judge(world.editor, photo, [], nothing="1") == 302
    photo.refresh_from_db()
    copies = [base, *(open_size(photo, size).read() for size in ALL_SIZES)]
    for copy in copies:
        assert b"geheim" not in copy
        assert b"Exif" not in copy
        assert not Image.open(BytesIO(copy)).getexif()
