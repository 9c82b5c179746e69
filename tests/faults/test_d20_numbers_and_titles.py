"""D20: numbers are found as they are typed, old addresses lead on for good, and no title holds a name."""

from __future__ import annotations

from io import BytesIO

import pypdfium2
import pytest
from django.core.files.base import File
from django.http import HttpResponseBase, StreamingHttpResponse
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from PIL import Image

from archives.factories import make_filed
from archives.finding import find_people
from archives.models import DossierPage
from archives.register import Reader
from archives.services.documents import add_document
from casebook.factories import make_draft
from casebook.models import CasePage
from casebook.services.submitting import submit_case
from tests.archives.conftest import Archive, build_archive
from tests.archives.test_person_requests import ask
from tests.conftest import World


@pytest.fixture
def archive(world: World) -> Archive:
    return build_archive(world)


@pytest.fixture
def filed(world: World, archive: Archive) -> DossierPage:
    return make_filed(world.editor, archive.archivist, world.unit)


def signed_in(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client


def body(answer: HttpResponseBase) -> bytes:
    assert isinstance(answer, StreamingHttpResponse)
    return b"".join(answer)


def wide(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else "\u3000" for char in text)


@pytest.mark.parametrize(
    "form",
    ["{0}", "full", "lower", "spaced", "en dash", "short", "marks", "inside"],
)
def test_d20_an_archive_number_is_found_however_it_is_typed(
    world: World, archive: Archive, filed: DossierPage, form: str
) -> None:
    number = str(filed.number)
    typed = {
        "{0}": number,
        "full": wide(number),
        "lower": number.lower(),
        "spaced": number.replace("-", " "),
        "en dash": number.replace("-", "–"),
        "short": number.replace("-0000", "-"),
        "marks": "\u200b".join(number),
        "inside": f"请看 {wide(number.lower())} 这一份",
    }[form]
    found = find_people(reader=Reader(world.editor), text=typed)
    assert (found.by, [row.dossier.pk for row in found.rows]) == ("number", [filed.pk])


def test_d20_the_address_of_a_draft_leads_to_the_filed_dossier_for_good(
    world: World, archive: Archive, filed: DossierPage
) -> None:
    client = signed_in(world.editor)
    old = reverse("archives:dossier", args=[filed.slug])
    moved = client.get(old)
    assert (moved.status_code, moved["Location"]) == (301, filed.get_absolute_url())
    assert client.get(filed.get_absolute_url().lower().replace("/archive/d", "/archive/d")).status_code == 301
    assert signed_in(world.other_editor).get(old).status_code == 404


def test_d20_the_address_of_a_draft_case_leads_to_the_numbered_one(world: World) -> None:
    case = make_draft(world.editor, world.estate, world.company.design)
    client = signed_in(world.editor)
    old = reverse("casebook:case", args=[case.slug])
    assert client.get(old).status_code == 200
    submit_case(by=world.editor, case=case)
    case = CasePage.objects.get(pk=case.pk)
    moved = client.get(old)
    assert (moved.status_code, moved["Location"]) == (301, f"/c/{case.number}/")
    assert client.get(f"/c/{str(case.number).lower()}/")["Location"] == f"/c/{case.number}/"


def titled_pdf() -> bytes:
    out = BytesIO()
    Image.new("RGB", (200, 280), "white").save(out, "PDF", title="张三购房合同", author="张三", subject="13800000001")
    return out.getvalue()


def test_d20_a_document_that_calls_itself_by_a_name_does_not_do_so_in_the_browser(
    world: World, archive: Archive, filed: DossierPage
) -> None:
    content = titled_pdf()
    document = add_document(
        reader=Reader(world.editor),
        dossier=filed,
        upload=File(BytesIO(content), "张三购房合同.pdf"),
        name="张三购房合同.pdf",
        kind="other",
    )
    client = signed_in(world.editor)
    address = reverse("archives:document", args=[filed.key, document.pk])
    client.post(address, {"purpose": "repair"})
    shown = client.get(address)
    told = pypdfium2.PdfDocument(body(shown))
    assert {told.get_metadata_dict()[key] for key in ("Title", "Author", "Subject", "Keywords")} == {""}
    assert len(told) == 1
    assert shown["Content-Disposition"].startswith("inline")
    assert "张三" not in shown["Content-Disposition"]
    kept = client.get(f"{address}?download")
    assert body(kept) == content
    assert kept["Content-Disposition"].startswith("attachment")


def test_d20_what_we_print_has_a_title_of_its_own_and_no_name(
    world: World, archive: Archive, filed: DossierPage
) -> None:
    client = signed_in(archive.archivist)
    request = ask(world, filed, "copy")
    papers = [
        client.post(reverse("archives:readers", args=[filed.key])),
        client.post(reverse("archives:person-copy", args=[request.pk])),
    ]
    for paper in papers:
        told = pypdfium2.PdfDocument(paper.content).get_metadata_dict()
        assert str(filed.number) in told["Title"]
        for value in [*told.values(), paper["Content-Disposition"]]:
            assert "张" not in value
            assert "示例" not in value
    table = client.post(reverse("archives:export-papers"), {"estate": world.estate.pk})
    if table["Content-Type"].startswith("application/vnd"):
        book = load_workbook(BytesIO(table.content))
        assert "张三" not in f"{book.properties.title} {book.properties.creator} {book.properties.description}"
