"""Open a dossier for a home and an owner or tenant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Page

from archives import policies
from archives.gates import count_gaps
from archives.models import Customer, DossierPage, Tenure
from archives.models.dossiers import new_slug
from archives.placing import month_folder
from archives.register import Reader
from archives.services.errors import DossierError, UnitTaken
from archives.services.steps import take_step
from archives.services.wording import note_words
from archives.vocabulary import Channel, CustomerKind, Need, State, Step
from estates.models import Unit
from vault.data_keys import make_key

if TYPE_CHECKING:
    from estates.models import Estate


@dataclass(frozen=True, slots=True)
class Opening:
    """What is known before anything about the customer is entered. `opened_on` begins the tenure."""

    estate: Estate
    unit: Unit
    record_date: date
    opened_on: date
    tenure: str = Tenure.Kind.OWNER
    customer_kind: str = CustomerKind.INDIVIDUAL
    need: str = Need.PURCHASE
    channel: str = Channel.CONTRACT
    shelf_mark: str = ""


@transaction.atomic
def start_dossier(
    *, reader: Reader, opening: Opening, is_resale: bool = False, client_id: UUID | None = None
) -> DossierPage:
    """Make the dossier, its customer without data, and the tenure. The same `client_id` gives the same dossier.

    Raises PermissionDenied off the user's estates; UnitTaken when the home has an owner and `is_resale` does not say
    that his tenure ends; DossierError when the dates contradict the tenures on record.
    """
    by = reader.user
    if not policies.may_enter_on(by, opening.estate):
        raise PermissionDenied
    folder = Page.objects.select_for_update().get(pk=month_folder(opening.estate, opening.record_date).pk)
    if client_id and (earlier := DossierPage.objects.filter(client_id=client_id).first()):
        if earlier.owner_id != by.pk:
            raise PermissionDenied
        return earlier
    tenure = _open_tenure(opening, is_resale=is_resale)
    dossier = DossierPage(
        title=f"{opening.estate} {opening.unit}",
        slug=new_slug(),
        estate=opening.estate,
        unit=opening.unit,
        tenure=tenure,
        customer=new_customer(opening.customer_kind),
        record_date=opening.record_date,
        client_id=client_id,
        owner=by,
        live=False,
        need=opening.need,
        channel=opening.channel,
        shelf_mark=opening.shelf_mark,
    )
    folder.add_child(instance=dossier)
    dossier.save_revision(user=by, clean=False)
    count_gaps(dossier)
    take_step(reader, dossier, Step.STARTED)
    return dossier


def new_customer(kind: str) -> Customer:
    """A customer without data, and the key for what will be known of him. Raises what `vault.data_keys` raises."""
    customer = Customer.objects.create(kind=kind)
    make_key(customer.subject)
    return customer


def _open_tenure(opening: Opening, *, is_resale: bool) -> Tenure:
    """The home's tenures are locked by its unit: of two sales at once the second sees the first."""
    Unit.objects.select_for_update().get(pk=opening.unit.pk)
    if opening.tenure == Tenure.Kind.OWNER:
        owned = Tenure.objects.filter(unit=opening.unit, kind=Tenure.Kind.OWNER)
        _refuse_second_sale(owned.filter(opened_on=opening.opened_on).first(), opening)
        if current := owned.filter(closed_on=None).first():
            _close(current, opening, is_resale=is_resale)
        elif later := owned.filter(closed_on__gt=opening.opened_on, opened_on__lt=opening.opened_on).first():
            raise DossierError(_("这一天在已结束的产权期（%(tenure)s）之内，请核对日期。") % {"tenure": later})
    return Tenure.objects.create(unit=opening.unit, kind=opening.tenure, opened_on=opening.opened_on)


def _refuse_second_sale(same_day: Tenure | None, opening: Opening) -> None:
    if same_day is None:
        return
    dossier = getattr(same_day, "dossier", None)
    raise DossierError(
        _("%(unit)s在 %(day)s 已有一次销售（档案 %(dossier)s），一天不能卖两次。转卖请改日期；录错了请先撤销那份档案。")
        % {"unit": opening.unit, "day": opening.opened_on.isoformat(), "dossier": dossier.key if dossier else "—"}
    )


def _close(current: Tenure, opening: Opening, *, is_resale: bool) -> None:
    if opening.opened_on < current.opened_on:
        raise DossierError(
            _("现在的产权期从 %(day)s 开始，新的产权期不能比它早。请核对日期。")
            % {"day": current.opened_on.isoformat()}
        )
    if not is_resale:
        raise UnitTaken(
            _("%(unit)s已有业主的档案（从 %(day)s 起）。如果是转卖，请确认：原来的产权期到这一天结束，档案保留。")
            % {"unit": opening.unit, "day": current.opened_on.isoformat()},
            current,
        )
    current.closed_on = opening.opened_on
    current.save(update_fields=["closed_on"])


@transaction.atomic
def void_dossier(*, reader: Reader, dossier: DossierPage, reason: str) -> None:
    """Give up a dossier that was opened by mistake, before it has a number. Its tenure goes; the one that it closed is
    open again. The row and its history stay.

    Raises PermissionDenied, DossierError once it was submitted.
    """
    held = DossierPage.objects.held(dossier.pk)
    if not policies.may_enter(reader.user, held):
        raise PermissionDenied
    if not held.is_open:
        raise DossierError(_("档案已提交或已归档，不能撤销。"))
    if not note_words(reason):
        raise DossierError(_("请写明为什么撤销。"))
    tenure = held.tenure
    DossierPage.objects.filter(pk=held.pk).update(state=State.VOID, tenure=None, open_gaps=0)
    if tenure:
        before = Tenure.objects.filter(unit=tenure.unit, kind=tenure.kind, closed_on=tenure.opened_on)
        reopens = tenure.kind == Tenure.Kind.OWNER and tenure.closed_on is None
        tenure.delete()
        if reopens:
            before.update(closed_on=None)
    take_step(reader, held, Step.VOIDED, words=note_words(reason))
