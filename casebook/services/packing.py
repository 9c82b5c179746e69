"""A review pack is built from what applies, changed by a person with reasons, and handed over as it then stands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from casebook import policies
from casebook.applicability import Profile, Ranked, rank, reasons
from casebook.drawing_report import as_stored, drawing_report
from casebook.lesson_facts import lesson_facts
from casebook.models import Assignee, CasePage, CasePhoto, LeftOutCase, PackItem, Project, ProjectStage, ReviewPack
from casebook.notices import tell_respondents
from casebook.services.errors import CaseError
from casebook.services.holding import hold_pack
from casebook.services.wording import impersonal_words
from casebook.vocabulary import Discipline, ItemState, Library, PackState, ReviewStage, discipline_of
from casebook.word_table import parts_named
from estates.calendar import add_workdays
from estates.models import User

BATCH = 500
CHANGEABLE = ("name", "climate", "homes", "product_types", "components")


@transaction.atomic
def start_project(*, by: User, project: Project, demanding: Collection[ReviewStage]) -> Project:
    """Save a new project with all its stages; the `demanding` ones close only after a signed review.

    Raises PermissionDenied off the manager's estates, ValidationError on a bad value.
    """
    if not policies.may_manage_on(by, project.estate):
        raise PermissionDenied
    project.created_by = by
    project.full_clean()
    project.save()
    ProjectStage.objects.bulk_create(
        [ProjectStage(project=project, kind=kind, demands_review=kind in demanding) for kind in ReviewStage]
    )
    log(project, "casebook.project", user=by)
    return project


@transaction.atomic
def change_project(
    *, by: User, project: Project, fields: Mapping[str, object], demanding: Collection[ReviewStage]
) -> Project:
    """Change what a project is; its estate stays. Packs that were handed over stay as they are, as do ended stages.

    Raises PermissionDenied, ValidationError.
    """
    held = _held_for_change(project, by)
    for name in CHANGEABLE:
        setattr(held, name, fields[name])
    held.full_clean()
    held.save(update_fields=list(CHANGEABLE))
    for stage in held.stages.filter(closed_at=None):
        stage.demands_review = stage.kind in demanding
        stage.save(update_fields=["demands_review"])
    log(held, "casebook.project_changed", user=by)
    return held


@transaction.atomic
def build_pack(*, by: User, stage: ProjectStage, library: Library, cap: int) -> ReviewPack:
    """A pack of the published cases that apply, the heaviest first; what the cap leaves out is listed.

    Raises PermissionDenied, and CaseError where one for this audience is still being prepared or the stage is closed.
    """
    project = _held_for_change(stage.project, by)
    if stage.closed_at:
        raise CaseError(_("这个阶段已经结束，不能再建审查包。"))
    if stage.packs.filter(library=library, state=PackState.PREPARED).exists():
        raise CaseError(_("这个阶段已有一个准备中的审查包，请先交出或删除它。"))
    pack = ReviewPack(stage=stage, library=library, cap=cap, built_by=by)
    pack.full_clean()
    pack.save()
    profile = project.profile(ReviewStage(stage.kind), library)
    ranked = rank(lesson_facts(by, library), profile)
    inside, outside = ranked[:cap], ranked[cap:]
    PackItem.objects.bulk_create(_items(pack, inside, profile), batch_size=BATCH)
    LeftOutCase.objects.bulk_create(
        [
            LeftOutCase(pack=pack, case_id=one.lesson.id, rank=place, score=one.score)
            for place, one in enumerate(outside, len(inside) + 1)
        ],
        batch_size=BATCH,
    )
    log(pack, "casebook.pack_built", user=by, data={"items": len(inside), "left_out": len(outside)})
    return pack


@transaction.atomic
def drop_item(*, by: User, item: PackItem, reason: str) -> None:
    """Take an item out, with a reason that stays on record. Raises PermissionDenied, CaseError."""
    pack = _prepared(item.pack, by)
    reason = impersonal_words(reason, 200)
    if not reason:
        raise CaseError(_("请写明不列入的原因，审查人能看到。"))
    LeftOutCase.objects.create(
        pack=pack,
        case_id=item.case_id,
        rank=item.position,
        score=item.score,
        reason=reason,
        dropped_by=by,
    )
    item.delete()
    _number_again(pack)


@transaction.atomic
def add_case(*, by: User, pack: ReviewPack, case: CasePage) -> PackItem:
    """Put a published case at the end, one that was left out or one that the ranking does not know.

    Raises PermissionDenied, and CaseError for a case that the pack's audience may not read, or is in it already.
    """
    held = _prepared(pack, by)
    if not CasePage.objects.visible_to(by).filter(pk=case.pk).exists():
        raise PermissionDenied
    if not case.live or not getattr(case, held.library):
        raise CaseError(_("这份案例没有发布给%(library)s，不能列入。") % {"library": held.get_library_display()})
    if held.items.filter(case=case).exists():
        raise CaseError(_("这份案例已经在审查包里。"))
    held.left_out.filter(case=case).delete()
    last = held.items.aggregate(last=Max("position"))["last"] or 0
    item = PackItem(pack=held, case=case, position=last + 1, added_by=by, **frozen_texts(case, _photos([case.pk])))
    item.save()
    return item


@transaction.atomic
def move_item(*, by: User, item: PackItem, to: int) -> None:
    """To another place, counted from 1; a place beyond the ends is the end."""
    pack = _prepared(item.pack, by)
    others = list(pack.items.exclude(pk=item.pk))
    others.insert(max(min(to, len(others) + 1), 1) - 1, item)
    _number_again(pack, others)


@transaction.atomic
def hand_over(*, by: User, pack: ReviewPack) -> ReviewPack:
    """From now on its audience reads and answers it, and nothing in it changes. An item whose case was withdrawn, or
    published in a newer version, since the pack was built is brought up to date here, for the last time.

    Raises PermissionDenied, and CaseError for an empty pack.
    """
    held = _prepared(pack, by)
    _bring_up_to_date(held)
    if not held.items.exists():
        raise CaseError(_("审查包是空的。请加入案例，或说明这个阶段不需要审查。"))
    held.state, held.handed_over_at = PackState.HANDED_OVER, timezone.now()
    held.due_on = add_workdays(timezone.localdate(), settings.ANSWER_WITHIN_WORKDAYS)
    if held.stage.kind == ReviewStage.DRAWINGS:
        held.report = as_stored(drawing_report(by, held.stage.project))
    held.save(update_fields=["state", "handed_over_at", "due_on", "report"])
    log(held, "casebook.pack_handed_over", user=by)
    tell_respondents(held.pk)
    return held


def _items(pack: ReviewPack, ranked: Sequence[Ranked], profile: Profile) -> list[PackItem]:
    cases = CasePage.objects.in_bulk([one.lesson.id for one in ranked])
    photos = _photos(cases)
    return [
        PackItem(
            pack=pack,
            case=cases[one.lesson.id],
            position=place,
            score=one.score,
            reasons=[[reason.why.value, list(reason.value)] for reason in reasons(one.lesson, profile)],
            **frozen_texts(cases[one.lesson.id], photos),
        )
        for place, one in enumerate(ranked, 1)
    ]


def frozen_texts(case: CasePage, photos: Mapping[int, list[int]]) -> dict[str, Any]:
    """What an item keeps of the version that is published now: values by name of PackItem's fields."""
    return {
        "version": case.live_revision_id,
        "shown": {name: str(getattr(case, name) or "") for name in PackItem.SHOWN_FIELDS},
        "photos": photos.get(case.pk, []),
        "is_positive": case.is_positive,
        "discipline": discipline_of(parts_named(case.components, case.title, case.description)),
    }


def _photos(case_ids: Iterable[int]) -> dict[int, list[int]]:
    """Ids of the photos of each case, in order."""
    found: dict[int, list[int]] = {}
    rows = CasePhoto.objects.filter(page__in=case_ids).order_by("page", "sort_order")
    for case_id, photo_id in rows.values_list("page_id", "photo_id"):
        found.setdefault(case_id, []).append(photo_id)
    return found


@transaction.atomic
def discard_pack(*, by: User, pack: ReviewPack) -> None:
    """Take back a pack that nobody was handed. Raises PermissionDenied, CaseError."""
    held = _prepared(pack, by)
    log(held, "casebook.pack_discarded", user=by, deleted=True)
    held.delete()


@transaction.atomic
def assign_discipline(*, by: User, pack: ReviewPack, discipline: Discipline, to: User | None) -> None:
    """Say who answers the items of a discipline; None: anybody of the audience.

    Raises PermissionDenied, and CaseError for somebody who may not answer there or left.
    """
    held = hold_pack(pack, by)
    if held.state == PackState.SIGNED:
        raise CaseError(_("审查包已经签认，不再分工。"))
    if to is None:
        held.assignees.filter(discipline=discipline).delete()
        return
    if not to.is_active or not policies.may_answer_for(to, held):
        raise CaseError(_("%(who)s不能回答这个审查包。请选择对应部门在职的人。") % {"who": to})
    Assignee.objects.update_or_create(pack=held, discipline=discipline, defaults={"user": to})


def _held_for_change(project: Project, by: User) -> Project:
    """The project's row, held until the transaction ends: two who build at once wait for each other."""
    held = Project.objects.select_for_update().select_related("estate").get(pk=project.pk)
    if not policies.may_manage_on(by, held.estate):
        raise PermissionDenied
    return held


def _prepared(pack: ReviewPack, by: User) -> ReviewPack:
    """The pack, held, as long as it is still being prepared."""
    held = hold_pack(pack, by)
    if held.state != PackState.PREPARED:
        raise CaseError(_("审查包已经交出，内容不再改动。"))
    return held


def _number_again(pack: ReviewPack, items: Sequence[PackItem] | None = None) -> None:
    ordered = list(pack.items.all()) if items is None else items
    for place, item in enumerate(ordered, 1):
        item.position = place
    PackItem.objects.bulk_update(ordered, ["position"], batch_size=BATCH)


def _bring_up_to_date(pack: ReviewPack) -> None:
    """Items of cases that left the audience go, on record; others show the version that is published now."""
    for item in pack.items.select_related("case"):
        if not item.case.live or not getattr(item.case, pack.library):
            LeftOutCase.objects.create(
                pack=pack, case=item.case, rank=item.position, score=item.score, reason=_("案例已撤回")
            )
            item.delete()
        elif item.version != item.case.live_revision_id:
            texts = frozen_texts(item.case, _photos([item.case_id]))
            PackItem.objects.filter(pk=item.pk).update(**texts)
            PackItem.objects.filter(pk=item.pk, answers__gt=0).update(
                state=ItemState.OPEN, reopened_for=PackItem.LESSON_UPDATED
            )
    _number_again(pack)
