"""Records of the month go into an issue's draft by a click, de-identified as they go."""

from __future__ import annotations

from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from estates.models import User
from magazine import policies
from magazine.models import IssuePage
from magazine.services.errors import MagazineError
from magazine.suggesting import Suggestion, suggestions


@transaction.atomic
def pull_into_issue(*, issue: IssuePage, kind: str, ids: Collection[int], by: User) -> int:
    """Put the suggested records of a kind (cases, milestones, activities) at the end of its section; returns how many.
    What stands there already is not put there twice.

    Raises PermissionDenied, and MagazineError while the issue is in review.
    """
    row = IssuePage.objects.select_for_update(of=("self",)).get(pk=issue.pk)
    draft: IssuePage = row.get_latest_revision_as_object()
    if not policies.may_make_issues(by):
        raise PermissionDenied
    if row.workflow_in_progress or row.locked:
        raise MagazineError(_("这一期正在审核，不能改动。请等审核结束，或撤回后再拉入。"))
    wanted = [one for one in suggestions(draft, by)[kind] if one.pk in set(ids)]
    if wanted:
        _append(draft, kind, wanted)
        draft.save_revision(user=by, log_action=True)
    return len(wanted)


def _append(draft: IssuePage, kind: str, wanted: Collection[Suggestion]) -> None:
    section_block = draft.body.stream_block.child_blocks[kind]
    entry_block = section_block.child_blocks["entries"].child_block
    section = next((block.value for block in draft.body if block.block_type == kind), None)
    if section is None:
        section = section_block.to_python({"title": section_block.child_blocks["title"].get_default(), "entries": []})
        draft.body.append((kind, section))
        section = draft.body[-1].value
    for one in wanted:
        section["entries"].append(entry_block.to_python(one.raw))
