"""The Wagtail editor saves by itself: which version an open editor stands on, and whether somebody else was there."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping

from django.contrib.sessions.backends.base import SessionBase

from casebook.models import CasePage
from casebook.services.errors import StaleEdit
from casebook.services.filing import stale_edit
from estates.models import User
from estates.requests import whole_number

AUTOSAVES = "case-autosaves"
MOST_REMEMBERED = 20
SEEN = "seen_revision_id"


def basis_of(post: Mapping[str, str]) -> int:
    """The version that the editor's page stands on: its own last autosave, else the one that it was opened with."""
    return whole_number(post.get("overwrite_revision_id")) or whole_number(post.get("loaded_revision_id"))


def remember_autosave(session: SessionBase, case: CasePage, post: Mapping[str, str]) -> None:
    """An autosave may be on its way while *save* is pressed: then that page does not know of it yet."""
    kept = session.get(AUTOSAVES)
    autosaves: MutableMapping[str, int] = dict(kept) if isinstance(kept, dict) else {}
    autosaves[f"{case.pk}/{basis_of(post)}"] = case.latest_revision_id
    session[AUTOSAVES] = dict(list(autosaves.items())[-MOST_REMEMBERED:])


def stale_in_editor(case: CasePage, by: User, post: Mapping[str, str], session: SessionBase) -> StaleEdit | None:
    """Why an explicit save would lose another person's work; None where it would not, or where that was shown."""
    row = CasePage.objects.get(pk=case.pk)
    latest, basis = row.get_latest_revision(), basis_of(post)
    if latest is None or not basis or whole_number(post.get(SEEN)) == latest.pk:
        return None
    autosaves = session.get(AUTOSAVES)
    if isinstance(autosaves, dict) and autosaves.get(f"{case.pk}/{basis}") == latest.pk and latest.user_id == by.pk:
        return None
    if basis != latest.pk:
        return stale_edit(row, row.revisions.filter(pk=basis).first(), latest)
    opened_at = post.get("loaded_revision_created_at")
    overwritten = opened_at and not post.get("overwrite_revision_id") and opened_at != latest.created_at.isoformat()
    return stale_edit(row, None, latest) if overwritten and latest.user_id != by.pk else None
