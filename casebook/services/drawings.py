"""Drawings that answers point to: uploaded once per revision; a new revision re-opens what it changed."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from casebook import policies
from casebook.models import Answer, Drawing, OutsideLink, PackItem, ReviewPack
from casebook.services.answering import (
    LONGEST_NUMBER,
    LONGEST_REVISION,
    PACK_FILES,
    Respondent,
    may_answer,
    outdated_by,
)
from casebook.services.errors import CaseError
from casebook.services.wording import tidy
from casebook.vocabulary import ItemState, PackState
from estates.filing_plan import FilePlace
from estates.models import User
from media.documents import DocumentError, discard_documents, store_document
from media.pdf import changed_pages

DRAWING_KIND = "TZ"
"""The kind part of a drawing's file name (图纸)."""


def upload_drawing(
    *, by: Respondent, pack: ReviewPack, number: str, revision: str, upload: File[bytes], name: str
) -> tuple[Drawing, int]:
    """Keep a revision of a drawing; items answered on pages that it changed are opened again. Returns how many were.

    The files are looked at before anything is locked: answers go on being saved meanwhile, and those that were given
    on the old revision until then are opened too. Raises PermissionDenied, CaseError, DocumentError, PdfError.
    """
    number, revision = tidy(number, LONGEST_NUMBER), tidy(revision, LONGEST_REVISION)
    pack = ReviewPack.objects.select_related("stage__project__estate").get(pk=pack.pk)
    _refuse(by, pack, number, revision)
    place = FilePlace(pack.stage.project.estate.code, None, DRAWING_KIND, timezone.localdate())
    if not name.lower().endswith(".pdf"):
        raise DocumentError(_("图纸请上传 PDF。"))
    user = by if isinstance(by, User) else None
    document = store_document(upload=upload, name=name, place=place, by=user, kind=PACK_FILES, record_id=pack.pk)
    try:
        earlier = Drawing.objects.of(pack).filter(number__iexact=number).order_by("-pk").first()
        changed = changed_pages(earlier.document, document) if earlier else None
        with transaction.atomic():
            held = ReviewPack.objects.select_for_update().get(pk=pack.pk)
            _refuse(by, held, number, revision)
            drawing = Drawing.objects.create(
                pack_id=held.first_round_id or held.pk,
                number=earlier.number if earlier else number,
                revision=revision,
                document=document,
                pages=document.pages or 1,
                changed_pages=changed,
                supersedes=earlier,
                uploaded_by=user,
                link=by if isinstance(by, OutsideLink) else None,
            )
            return drawing, _reopen(held, drawing) if earlier else 0
    except BaseException:
        with transaction.atomic():
            discard_documents([document])
        raise


@transaction.atomic
def mark_changed(*, by: Respondent, pack: ReviewPack, drawing: Drawing, pages: Iterable[int]) -> int:
    """Say that further pages of a revision changed, which the comparison had taken for the same. Returns how many
    items were opened. Raises PermissionDenied, CaseError."""
    held = ReviewPack.objects.select_for_update().get(pk=pack.pk)
    if held.state != PackState.HANDED_OVER:
        raise CaseError(_("审查包不在审查中，不能改图纸。"))
    if not _may_upload(by, held):
        raise PermissionDenied
    known = {page for page in pages if 1 <= page <= drawing.pages}
    drawing.changed_pages = sorted(known | set(drawing.changed_pages or ()))
    drawing.save(update_fields=["changed_pages"])
    return _reopen(held, drawing)


def _may_upload(by: Respondent, pack: ReviewPack) -> bool:
    managing = isinstance(by, User) and policies.may_manage_on(by, pack.stage.project.estate)
    return managing or may_answer(by, pack)


def _refuse(by: Respondent, pack: ReviewPack, number: str, revision: str) -> None:
    if not _may_upload(by, pack):
        raise PermissionDenied
    if pack.state != PackState.HANDED_OVER:
        raise CaseError(_("审查包不在审查中，不能上传图纸。签认之后图纸有新版，请客服经理开下一轮。"))
    if not number or not revision:
        raise CaseError(_("请写明图号和版次，例如：建施-12，A 版写 A。"))
    if Drawing.objects.of(pack).filter(number__iexact=number, revision__iexact=revision).exists():
        raise CaseError(
            _("%(number)s 的 %(revision)s 版已经上传过。新的内容请用新的版次。")
            % {"number": number, "revision": revision}
        )


def _reopen(pack: ReviewPack, drawing: Drawing) -> int:
    """Items whose latest answer points to a changed page of an earlier revision wait for a new answer.

    All items are held before one is looked at: whoever is just saving an answer is waited for, and then counted.
    """
    held = list(pack.items.select_for_update().order_by("pk"))
    items = {item.pk: item for item in held if item.state != ItemState.OPEN}
    answers = Answer.objects.filter(item__in=items, drawing_number__iexact=drawing.number).select_related("item")
    opened: list[PackItem] = []
    for answer in answers:
        item = items[answer.item_id]
        if answer.sequence == item.answers and (outdated := outdated_by(answer, pack)):
            item.state, item.reopened_for = ItemState.OPEN, outdated
            opened.append(item)
    PackItem.objects.bulk_update(opened, ["state", "reopened_for"])
    return len(opened)
