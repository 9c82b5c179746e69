"""Who may look at a photo as it was before blurring, and say what of it the public may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estates.access import reach_of
from estates.roles import Role
from media.records import may_see_file

if TYPE_CHECKING:
    from estates.access import Person
    from media.models import Photo, PublicPhoto

JUDGES = frozenset({Role.EDITOR, Role.MANAGER})


def may_judge(user: Person, public: PublicPhoto) -> bool:
    """Those who file on the photo's estate, and may see its record; the company's own photos are their uploader's and
    of those who work on every estate."""
    reach = reach_of(user, JUDGES)
    source = public.source
    if source and source.record_kind and not may_see_file(user, source):
        return False
    if public.place_id is None:
        return reach.everywhere or (bool(reach) and public.made_by_id == user.pk)
    return reach.covers(public.place_id)


def may_make_public(user: Person, photo: Photo) -> bool:
    """Whether the person may make a public photo of a record's: sees it, and files on its estate."""
    return may_see_file(user, photo) and reach_of(user, JUDGES).covers(photo.estate_id)
