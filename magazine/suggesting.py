"""What of this month could stand in an issue and does not yet: cases, milestones, activities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from casebook.models import CasePage
from casebook.sheets import impersonal
from magazine.blocks import LONGEST_TITLE
from media.judges import may_make_public
from media.models import Photo, PublicPhoto
from service.models import Activity, Milestone

if TYPE_CHECKING:
    from collections.abc import Iterable

    from estates.models import User
    from magazine.models import IssuePage

MOST = 30
CASE_TEXT = 600


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A record as the issue would tell it. `raw` is the entry's content for its block; `to_blur` are its photos that
    nobody judged for the public yet and the person may."""

    kind: str
    pk: int
    title: str
    about: str
    raw: dict[str, object]
    to_blur: tuple[Photo, ...] = ()


def suggestions(issue: IssuePage, user: User) -> dict[str, list[Suggestion]]:
    """By the name of the block that takes them; only what the person may see."""
    taken = pulled_into(issue)
    return {
        "cases": [_case(one, user) for one in cases_of_month(issue.month, user) if one.pk not in taken["cases"]],
        "milestones": [
            _milestone(one)
            for one in Milestone.objects.visible_to(user).of_month(issue.month).select_related("estate", "photo")
            if one.pk not in taken["milestones"]
        ],
        "activities": [
            _activity(one)
            for one in Activity.objects.visible_to(user).of_month(issue.month).prefetch_related("photos")
            if one.pk not in taken["activities"]
        ],
    }


def pulled_into(issue: IssuePage) -> dict[str, set[int]]:
    """Which records stand in the issue already."""
    taken: dict[str, set[int]] = {"cases": set(), "milestones": set(), "activities": set()}
    for block in issue.body:
        if block.block_type in taken:
            taken[block.block_type] |= {entry["source"] for entry in block.value["entries"] if entry["source"]}
    return taken


def cases_of_month(month: str, user: User) -> QuerySet[CasePage]:
    """Published cases that were published or happened in the month, the latest first."""
    year, number = (int(part) for part in month.split("-"))
    happened = Q(record_date__year=year, record_date__month=number)
    told = Q(first_published_at__year=year, first_published_at__month=number)
    cases = CasePage.objects.visible_to(user).live().filter(happened | told).select_related("estate")
    return cases.prefetch_related("photos__photo").order_by("-record_date", "-pk")[:MOST]


def _case(case: CasePage, user: User) -> Suggestion:
    rows = list(case.photos.all())
    public = public_copies([row.photo for row in rows])
    photos = [
        {"photo": public[row.photo_id].pk, "caption": impersonal(row.caption)} for row in rows if row.photo_id in public
    ]
    raw: dict[str, object] = {
        "source": case.pk,
        "title": impersonal(case.title)[:LONGEST_TITLE],
        "problem": impersonal(case.description)[:CASE_TEXT],
        "lesson": impersonal(case.lesson or case.requirement)[:CASE_TEXT],
        "photos": photos,
    }
    to_blur = tuple(row.photo for row in rows if row.photo_id not in public and may_make_public(user, row.photo))
    return Suggestion("cases", case.pk, str(raw["title"]), f"{case.record_date} · {case.estate}", raw, to_blur)


def public_copies(photos: Iterable[Photo]) -> dict[int, PublicPhoto]:
    """Photos of records that were judged fit for the public, by the record's photo: the latest copy of each."""
    copies = PublicPhoto.objects.served().filter(source__in=list(photos)).order_by("pk")
    return {one.source_id: one for one in copies if one.source_id}


def _milestone(row: Milestone) -> Suggestion:
    raw: dict[str, object] = {
        "source": row.pk,
        "estate": str(row.estate),
        "what": row.words,
        "day": row.day.isoformat(),
        "text": row.note,
        "photo": row.photo_id if row.photo and row.photo.is_served else None,
    }
    return Suggestion("milestones", row.pk, str(row), row.day.isoformat(), raw)


def _activity(row: Activity) -> Suggestion:
    raw: dict[str, object] = {
        "source": row.pk,
        "title": row.theme,
        "day": row.day.isoformat(),
        "place": row.place,
        "text": row.report,
        "photos": [{"photo": photo.pk, "caption": ""} for photo in row.photos.all() if photo.is_served],
    }
    return Suggestion("activities", row.pk, row.theme, " · ".join(filter(None, [str(row.day), row.place])), raw)
