"""Documents lie encrypted, come back whole or by a range, and every reading is a line."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.base import File
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from archives.factories import make_dossier, make_filed
from archives.models import DossierDocument, DossierPage
from archives.register import Reader
from archives.services.documents import add_document
from archives.services.errors import DossierError
from estates.models import User
from media.factories import draw_sheets
from media.sealed import SealedFileDamaged, SealedReader
from tests.archives.conftest import Archive
from tests.conftest import World
from vault.data_keys import destroy_key
from vault.keyring import forget_keys, make_keys
from vault.models import AccessEntry

LONG = draw_sheets(*[f"示例第{n}页" for n in range(40)])


def attach(
    editor: User, dossier: DossierPage, content: bytes = LONG, name: str = "示例.pdf", **more: object
) -> DossierDocument:
    upload = File(BytesIO(content), name)
    return add_document(reader=Reader(editor), dossier=dossier, upload=upload, name=name, kind="contract", **more)  # type: ignore[arg-type]


@pytest.fixture
def document(world: World) -> DossierDocument:
    return attach(world.editor, make_dossier(world.editor, world.unit))


def get(user: User, document: DossierDocument, span: str = "") -> tuple[int, bytes]:
    client = Client()
    client.force_login(user)
    headers = {"Range": span} if span else {}
    answer = client.get(f"/archive/d/{document.dossier.key}/documents/{document.pk}/", headers=headers)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return answer.status_code, body


def test_what_is_stored_is_not_what_was_given(document: DossierDocument, files: Path) -> None:
    stored = (files / document.path).read_bytes()
    assert document.path.startswith("YLW/")
    assert document.path.endswith("_00001.enc")
    assert len(LONG) > 2 << 20
    assert LONG[:2000] not in stored
    assert LONG[1 << 20 : (1 << 20) + 64] not in stored
    assert (document.size, document.pages) == (len(LONG), 40)
    assert document.note(document.dossier.customer.subject) == "示例.pdf"


@pytest.mark.parametrize(
    ("span", "status", "start", "stop"),
    [
        ("", 200, 0, None),
        ("bytes=0-4", 206, 0, 5),
        ("bytes=1048570-1048590", 206, 1_048_570, 1_048_591),
        ("bytes=2000000-", 206, 2_000_000, None),
        ("bytes=-100", 206, -100, None),
        ("bytes=5-1", 200, 0, None),
        ("lines=1-2", 200, 0, None),
    ],
)
def test_it_comes_back_whole_or_by_a_range(
    world: World, document: DossierDocument, span: str, status: int, start: int, stop: int | None
) -> None:
    if span == "bytes=5-1":
        status = 416
    told, body = get(world.editor, document, span)
    assert told == status
    if status != 416:
        assert body == LONG[start:stop]


def test_every_reading_is_a_line(world: World, document: DossierDocument) -> None:
    get(world.editor, document)
    get(world.manager, document, "bytes=0-4")
    lines = AccessEntry.objects.filter(act="downloaded").order_by("sequence").values_list("who", "record", "address")
    assert list(lines) == [(user.pk, document.dossier.key, "127.0.0.1") for user in (world.editor, world.manager)]


def test_others_get_nothing(world: World, archive: Archive) -> None:
    filed = make_filed(world.editor, archive.archivist, world.unit)
    document = filed.documents.order_by("pk")[0]
    assert get(world.other_editor, document)[0] == 404
    assert get(world.designer, document)[0] == 404
    assert get(archive.sales, document)[0] == 403  # sees the dossier masked; documents only on loan
    assert AccessEntry.objects.filter(act="downloaded").exclude(who=archive.archivist).count() == 0
    assert Client().get(f"/media/{document.path}").status_code == 302
    client = Client()
    client.force_login(world.editor)
    assert client.get(f"/media/{document.path}").status_code == 404


def test_changed_or_swapped_bytes_do_not_open(world: World, document: DossierDocument, files: Path) -> None:
    other = attach(world.editor, document.dossier)
    path = files / document.path
    stored = path.read_bytes()
    path.write_bytes(stored[:5000] + bytes([stored[5000] ^ 1]) + stored[5001:])
    with pytest.raises(SealedFileDamaged):
        get(world.editor, document)
    path.write_bytes((files / other.path).read_bytes())
    with pytest.raises(SealedFileDamaged):
        get(world.editor, document)
    path.write_bytes(stored)
    assert get(world.editor, document) == (200, LONG)
    assert SealedReader.__name__


def test_the_integrity_check_knows_the_files_of_dossiers(
    document: DossierDocument, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("check_files")
    (files / document.path).write_bytes(b"x")
    with pytest.raises(CommandError, match="缺失或被改动"):
        call_command("check_files")
    assert document.path in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "x.pdf", "空的"),
        (b"MZ\x90", "x.exe", "不能上传这种文件"),
        (b"MZ\x90", "x.pdf", "不符"),
        (b"%PDF-1.4 broken", "x.pdf", "不是完整的 PDF"),
    ],
)
def test_a_file_that_cannot_be_kept_is_refused_and_leaves_nothing(
    world: World, files: Path, content: bytes, name: str, message: str
) -> None:
    dossier = make_dossier(world.editor, world.unit)
    with pytest.raises(DossierError, match=message):
        attach(world.editor, dossier, content, name)
    assert (DossierDocument.objects.count(), list(files.rglob("*.enc"))) == (0, [])


def test_too_large_a_file_is_named_and_dropped(world: World, settings: Settings, files: Path) -> None:
    settings.PHOTO_MAX_BYTES = 100_000
    dossier = make_dossier(world.editor, world.unit)
    client = Client()
    client.force_login(world.editor)
    form = {"kind": "contract", "document": SimpleUploadedFile("大.pdf", LONG)}
    page = client.post(f"/archive/d/{dossier.key}/documents/", form, follow=True)
    assert "文件太大" in page.content.decode()
    assert DossierDocument.objects.count() == 0


def test_an_upload_needs_the_token_of_the_form(world: World) -> None:
    dossier = make_dossier(world.editor, world.unit)
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.editor)
    form = {"kind": "contract", "document": SimpleUploadedFile("x.pdf", LONG)}
    assert client.post(f"/archive/d/{dossier.key}/documents/", form).status_code == 403
    assert DossierDocument.objects.count() == 0


def test_a_new_version_stands_before_the_old_one_which_stays(world: World, document: DossierDocument) -> None:
    newer = attach(world.editor, document.dossier, draw_sheets("第二版"), replaces=document)
    assert (newer.title, newer.version) == (1, 2)
    assert get(world.editor, document) == (200, LONG)


def test_a_destroyed_key_and_a_lost_one_are_said_plainly(world: World, document: DossierDocument, keys: Path) -> None:
    seal = keys / "seal.json"
    seal.rename(keys / "away")
    forget_keys()
    status, body = get(world.editor, document)
    assert (status, "seal.json 不在" in body.decode()) == (503, True)
    client = Client()
    client.force_login(world.editor)
    assert client.get(f"/archive/d/{document.dossier.key}/").status_code == 503
    make_keys()
    status, body = get(world.editor, document)
    assert (status, "主密钥打不开数据密钥" in body.decode()) == (503, True)
    seal.unlink()
    (keys / "away").rename(seal)
    forget_keys()
    assert get(world.editor, document)[0] == 200
    destroy_key(document.dossier.customer.subject)
    status, body = get(world.editor, document)
    assert (status, "已按规定销毁" in body.decode()) == (410, True)
