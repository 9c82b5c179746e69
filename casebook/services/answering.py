"""Answers to the items of a pack: each is added, none is changed, and nobody overwrites what he has not seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from casebook import policies
from casebook.models import Answer, Drawing, OutsideLink, PackItem, ReviewPack
from casebook.models.answers import LONGEST_NOTE
from casebook.services.errors import CaseError, Gap, NotComplete
from casebook.services.wording import names_contacts, tidy
from casebook.vocabulary import ItemState, PackState, ReviewStage, Verdict
from estates.filing_plan import FilePlace
from estates.models import User
from media.documents import store_document
from media.models import FiledDocument

Respondent: TypeAlias = User | OutsideLink
PACK_FILES, FILE_KIND = "pack", "FJ"
"""The record kind of files that belong to a pack, and the kind part of their names (附件)."""

DRAWN = frozenset({ReviewStage.SCHEME, ReviewStage.DRAWINGS})
"""Stages whose result is a drawing: *avoided* names the one that shows it."""

LONGEST_NUMBER, LONGEST_REVISION = 60, 20
NULLABLE = ("drawing", "pin_x", "pin_y", "attachment", "carried_from", "answered_by", "link")


class AnsweredMeanwhile(CaseError):
    """Somebody answered since the form was opened. Nothing was saved; `latest` is what they said."""

    def __init__(self, latest: Answer) -> None:
        self.latest = latest
        super().__init__(
            _("%(who)s刚刚回答了这一条。请先看他的答复；您填的内容还在，确认后可以再保存。") % {"who": latest.who}
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person says to an item; `pin` is a place on the page as shares of its width and height."""

    verdict: str
    note: str = ""
    drawing_number: str = ""
    drawing_revision: str = ""
    page: int | None = None
    pin: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Attached:
    upload: File[bytes]
    name: str


@transaction.atomic
def answer_item(*, by: Respondent, item: PackItem, reply: Reply, seen: int, attached: Attached | None = None) -> Answer:
    """Add an answer. `seen` is the sequence of the latest answer that the person had before their eyes; 0 for none.

    Raises PermissionDenied, NotComplete, AnsweredMeanwhile, CaseError for a pack that takes no answers, and
    media.documents.DocumentError or media.pdf.PdfError for a file that cannot be kept.
    """
    held = _held(item, by)
    if held.answers != seen:
        raise AnsweredMeanwhile(latest_answer(held))
    return _answer(by, held, reply, attached)


@transaction.atomic
def answer_many(*, by: Respondent, items: Iterable[tuple[PackItem, int]], reply: Reply) -> tuple[int, int]:
    """The same words to several items, each with the sequence that was seen. Returns how many were answered and how
    many were left because somebody had answered them meanwhile. Raises as `answer_item`."""
    answered = left = 0
    for item, seen in sorted(items, key=lambda pair: pair[0].pk):
        held = _held(item, by)
        if held.answers == seen:
            _answer(by, held, reply, None)
            answered += 1
        else:
            left += 1
    return answered, left


def latest_answer(item: PackItem) -> Answer:
    """The one that counts, of an item that was answered."""
    return item.given.select_related("answered_by", "link").order_by("-sequence")[0]


def may_answer(by: Respondent, pack: ReviewPack) -> bool:
    if isinstance(by, OutsideLink):
        return by.is_open and by.pack_id == pack.pk
    return policies.may_answer_for(by, pack)


def find_gaps(reply: Reply, stage: str, *, has_file: bool = False) -> list[Gap]:
    """What the reply still needs, in the order of the form."""
    gaps = []
    if reply.verdict not in Verdict:
        gaps.append(Gap("verdict", _("请选择：已规避、不适用或未规避。")))
    if reply.verdict == Verdict.AVOIDED and stage in DRAWN and not reply.drawing_number:
        gaps.append(Gap("drawing_number", _("请写明在哪张图上规避，例如：建施-12。")))
    if reply.verdict == Verdict.AVOIDED and stage not in DRAWN and not (reply.note or reply.drawing_number or has_file):
        gaps.append(Gap("note", _("请写明怎样规避，或附上照片、图纸。")))
    if reply.verdict == Verdict.NOT_APPLICABLE and not reply.note:
        gaps.append(Gap("note", _("请写明为什么不适用于本项目。")))
    if reply.verdict == Verdict.NOT_AVOIDED and not reply.note:
        gaps.append(Gap("note", _("请写明为什么没有规避，打算怎么办。")))
    if names_contacts(reply.note):
        gaps.append(Gap("note", _("说明里有电话号码或证件号，请去掉后再保存。")))
    return gaps


def _held(item: PackItem, by: Respondent) -> PackItem:
    """The item's row, held until the transaction ends; its pack as it is now."""
    held = PackItem.objects.select_for_update().get(pk=item.pk)
    pack = ReviewPack.objects.select_related("stage__project__estate").get(pk=held.pack_id)
    held.pack = pack
    if not may_answer(by, pack) or not _is_shown_to(held, by):
        raise PermissionDenied
    if pack.state == PackState.SIGNED:
        raise CaseError(_("审查包已经签认，不能再改。图纸有新版时，请客服经理开下一轮。"))
    if pack.state != PackState.HANDED_OVER:
        raise CaseError(_("审查包还没有交出，暂时不能回答。"))
    return held


def _is_shown_to(item: PackItem, by: Respondent) -> bool:
    if isinstance(by, OutsideLink):
        return not by.disciplines or item.discipline in by.disciplines
    return PackItem.objects.visible_to(by).filter(pk=item.pk).exists()


def _answer(by: Respondent, item: PackItem, reply: Reply, attached: Attached | None) -> Answer:
    reply = replace(
        reply,
        note=tidy(reply.note, LONGEST_NOTE),
        drawing_number=tidy(reply.drawing_number, LONGEST_NUMBER),
        drawing_revision=tidy(reply.drawing_revision, LONGEST_REVISION),
    )
    if gaps := find_gaps(reply, item.pack.stage.kind, has_file=attached is not None):
        raise NotComplete(gaps)
    drawing = _drawing(item.pack, reply)
    answer = Answer(
        item=item,
        sequence=item.answers + 1,
        verdict=reply.verdict,
        drawing_number=reply.drawing_number,
        drawing_revision=reply.drawing_revision or (drawing.revision if drawing else ""),
        drawing=drawing,
        page=reply.page,
        pin_x=reply.pin[0] if reply.pin else None,
        pin_y=reply.pin[1] if reply.pin else None,
        note=reply.note,
        attachment=_kept(attached, item.pack, by) if attached else None,
        answered_by=by if isinstance(by, User) else None,
        link=by if isinstance(by, OutsideLink) else None,
    )
    answer.clean_fields(exclude=NULLABLE)
    answer.save()
    item.answers, item.verdict = answer.sequence, answer.verdict
    item.reopened_for = outdated_by(answer, item.pack)
    item.state = ItemState.OPEN if item.reopened_for else ItemState.ANSWERED
    item.save(update_fields=["answers", "verdict", "reopened_for", "state"])
    return answer


def outdated_by(answer: Answer, pack: ReviewPack) -> str:
    """The later revision that changed the page which the answer points to, in words; empty where it still holds, as
    *not applicable* always does."""
    if answer.verdict == Verdict.NOT_APPLICABLE:
        return ""
    revisions = list(Drawing.objects.of(pack).filter(number__iexact=answer.drawing_number).order_by("pk"))
    names = [drawing.revision.casefold() for drawing in revisions]
    given = answer.drawing_revision.casefold()
    later = revisions[names.index(given) + 1 :] if given in names else []
    changing = [one for one in later if _changes(one, answer.page)]
    return str(changing[-1]) if changing else ""


def _changes(drawing: Drawing, page: int | None) -> bool:
    return drawing.changed_pages is None or (page in drawing.changed_pages if page else bool(drawing.changed_pages))


def _drawing(pack: ReviewPack, reply: Reply) -> Drawing | None:
    """The uploaded drawing that is meant: of the named revision, or the latest. Raises NotComplete for a page that it
    does not have."""
    known = Drawing.objects.of(pack).filter(number__iexact=reply.drawing_number).order_by("-pk")
    if reply.drawing_revision:
        known = known.filter(revision__iexact=reply.drawing_revision)
    drawing = known.first() if reply.drawing_number else None
    if drawing and reply.page and reply.page > drawing.pages:
        told = {"drawing": drawing, "pages": drawing.pages}
        raise NotComplete([Gap("page", _("%(drawing)s 只有 %(pages)d 页，请核对页码。") % told)])
    return drawing


def _kept(attached: Attached, pack: ReviewPack, by: Respondent) -> FiledDocument:
    place = FilePlace(pack.stage.project.estate.code, None, FILE_KIND, timezone.localdate())
    user = by if isinstance(by, User) else None
    return store_document(
        upload=attached.upload, name=attached.name, place=place, by=user, kind=PACK_FILES, record_id=pack.pk
    )
