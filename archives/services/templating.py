"""A new version of the template: prepared as a copy, shown what it would ask, put in force."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from archives import policies
from archives.gates import count_gaps_of
from archives.models import DossierPage, TemplateItem, TemplateRemoval, TemplateVersion
from archives.services.errors import DossierError
from archives.template import items_for, template_in_force
from archives.vocabulary import GONE_STATES, IDENTITY, MOBILE, NAME, SETTLED_STATES, ItemKind, State
from estates.models import Estate, User
from estates.work import parts_of

PART = 500
KEPT_ITEMS = {NAME: ItemKind.PERSON, IDENTITY: ItemKind.IDENTITY, MOBILE: ItemKind.PHONE}


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a dossier would lack under a version: the names of the items."""

    dossier: DossierPage
    items: list[str]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a version changes, and which unfiled dossiers would lack what. Filed ones keep their version; `filed` counts
    those that would lack something if they were held to the new one."""

    added: list[str]
    gone: list[str]
    lacking: list[Lacking]
    filed: int


@transaction.atomic
def prepare_template(*, by: User) -> TemplateVersion:
    """A copy of the version in force, to be changed. There is one at a time. Raises PermissionDenied."""
    if not policies.may_change_template(by):
        raise PermissionDenied
    present = TemplateVersion.objects.select_for_update().get(pk=template_in_force().pk)
    if prepared := TemplateVersion.objects.filter(state=TemplateVersion.State.PREPARED).first():
        return prepared
    last = TemplateVersion.objects.aggregate(last=Max("number"))["last"]
    copy = TemplateVersion.objects.create(number=last + 1, made_by=by)
    for model in (TemplateItem, TemplateRemoval):
        rows = list(model.objects.filter(template=present).order_by("sort_order", "pk"))
        for row in rows:
            row.pk, row.template = None, copy
            row._state.adding = True
        model.objects.bulk_create(rows)
    return copy


def preview(version: TemplateVersion) -> Preview:
    """Asks only which items are filled, never what stands in them."""
    before = {item.code: item for item in items_for_all(template_in_force())}
    after = {item.code: item for item in items_for_all(version)}
    lacking = list(_lacking(version, filed=False))
    return Preview(
        added=[after[code].words for code in after if code not in before],
        gone=[before[code].words for code in before if code not in after],
        lacking=lacking,
        filed=sum(1 for _line in _lacking(version, filed=True)),
    )


def items_for_all(version: TemplateVersion) -> list[TemplateItem]:
    """Every item of the version, those of single estates included."""
    return list(TemplateItem.objects.filter(template=version).order_by("sort_order", "pk"))


def _lacking(version: TemplateVersion, *, filed: bool) -> list[Lacking]:
    dossiers = DossierPage.objects.select_related("estate", "unit", "customer").exclude(state__in=GONE_STATES)
    chosen = dossiers.filter(state=State.FILED) if filed else dossiers.exclude(state=State.FILED)
    required = {
        estate.pk: [item for item in items_for(version, estate) if item.required] for estate in Estate.objects.all()
    }
    found = []
    for dossier in chosen.order_by("estate", "record_date", "pk").iterator(chunk_size=500):
        missing = [item.words for item in required[dossier.estate_id] if item.code not in dossier.customer.filled]
        if missing:
            found.append(Lacking(dossier, missing))
    return found


@transaction.atomic
def apply_template(*, by: User, version: TemplateVersion) -> None:
    """Put the prepared version in force. Unfiled dossiers follow it, filed ones keep theirs, and no value is lost.

    Raises PermissionDenied, DossierError for a version that people could not be found by, or that is not prepared.
    """
    if not policies.may_change_template(by):
        raise PermissionDenied
    present = TemplateVersion.objects.select_for_update().get(state=TemplateVersion.State.IN_FORCE)
    row = TemplateVersion.objects.select_for_update().get(pk=version.pk)
    if row.state != TemplateVersion.State.PREPARED:
        raise DossierError(_("只有准备中的版本可以启用。"))
    if problem := problem_with(row):
        raise DossierError(problem)
    present.state = TemplateVersion.State.PAST
    present.save(update_fields=["state"])
    row.state, row.applied_at = TemplateVersion.State.IN_FORCE, timezone.now()
    row.save(update_fields=["state", "applied_at"])
    log(instance=row, action="archives.template_applied", user=by)
    unfiled = DossierPage.objects.exclude(state__in=SETTLED_STATES).select_related("estate", "unit", "customer")
    for part in parts_of(unfiled.order_by("pk").iterator(chunk_size=PART), PART):
        count_gaps_of(part)


def problem_with(version: TemplateVersion) -> str:
    """Why the version cannot be put in force; empty when it can."""
    items = items_for_all(version)
    for code, kind in KEPT_ITEMS.items():
        if not any(item.code == code and item.kind == kind and item.estate_id is None for item in items):
            return _("“%(code)s”这一项不能去掉，也不能改填写方式：客户要靠它查找。") % {"code": code}
    if any(row.code in KEPT_ITEMS for row in version.removals.all()):
        return _("姓名、证件号码和手机不能按楼盘去掉。")
    twice = [code for code, count in Counter(item.code for item in items).items() if count > 1]
    return _("代码“%(code)s”用了两次。") % {"code": twice[0]} if twice else ""
