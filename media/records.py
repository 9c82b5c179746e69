"""Records say who may see their files. A record kind registers one question; `media` asks it and knows no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from estates.access import Person
    from media.models import FiledDocument, Photo

Question = Callable[["Person", "Photo | FiledDocument"], bool]
_questions: dict[str, Question] = {}


def register_record_kind(kind: str, may_see: Question) -> None:
    """Raises ValueError when the kind is taken by another question."""
    if _questions.setdefault(kind, may_see) is not may_see:
        raise ValueError(f"record kind {kind!r} is registered twice")


def may_see_file(user: Person, file: Photo | FiledDocument) -> bool:
    """A file without a record is its uploader's; any other is its record's to show."""
    if not user.is_authenticated:
        return False
    if not file.record_kind:
        return bool(file.uploaded_by_user_id == user.pk)
    return _questions[file.record_kind](user, file)
