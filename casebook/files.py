"""May this person see this photo of a case? The question that `media` asks."""

from __future__ import annotations

from casebook import policies
from casebook.models import CasePage, CaseReview
from estates.access import Person
from media.models import FiledDocument, Photo


def may_see_case_file(user: Person, file: Photo | FiledDocument) -> bool:
    """Who edits the case sees all its photos; readers those of the version they see; reviewers those they review."""
    case = CasePage.objects.filter(pk=file.record_id).first()
    if case is None:
        return False
    if policies.files_for(user, case):
        return True
    if CasePage.objects.visible_to(user).filter(pk=case.pk, photos__photo=file.pk).exists():
        return True
    reviews = CaseReview.reviews.to_decide(user).filter(case=case).select_related("revision")
    return any(file.pk in _photos_of(review) for review in reviews)


def _photos_of(review: CaseReview) -> set[int]:
    return {row["photo"] for row in review.revision.content.get("photos", [])}
