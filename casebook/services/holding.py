"""A pack held for a change by somebody who manages its estate."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from casebook import policies
from casebook.models import ReviewPack
from estates.models import User


def hold_pack(pack: ReviewPack, by: User) -> ReviewPack:
    """The pack's row as it is now, held until the transaction ends. Raises PermissionDenied off their estates."""
    held = ReviewPack.objects.select_for_update().get(pk=pack.pk)
    if not policies.may_manage_on(by, held.stage.project.estate):
        raise PermissionDenied
    return held
