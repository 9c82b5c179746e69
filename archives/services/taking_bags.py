"""A dossier comes in as a bag that another site, or this one, exported: equal to what it was, with its number."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from wagtail.models import Page

from archives import policies
from archives.bagging import DAYS, DESCRIPTION, FACTS, FORMAT
from archives.models import (
    Contact,
    Customer,
    DossierPage,
    DossierStep,
    ProfileVersion,
    TemplateVersion,
    Tenure,
)
from archives.models.dossiers import new_slug
from archives.placing import month_folder
from archives.profiles import sealed_profile
from archives.register import Reader, note
from archives.services.documents import Incoming, checked_file, store_document
from archives.services.entering import derive_from_profile
from archives.services.errors import DossierError
from archives.template import known_items, template_in_force
from archives.vocabulary import State, Step
from estates.models import Counter, Estate, NumberEntry, User
from estates.unit_codes import parse_unit
from estates.units import unit_named
from exchange.bags import Bag, BagError, read_bag
from media.services import delete_stored
from vault.models.access import Act

if TYPE_CHECKING:
    from collections.abc import Mapping

Told = dict[str, Any]


def take_bag(*, reader: Reader, content: bytes) -> DossierPage:
    """Make the dossier that the bag holds. Raises PermissionDenied; DossierError for what is no such bag, was changed
    on the way, or is here already."""
    try:
        bag = read_bag(content)
        told: Told = json.loads(bag.payload[DESCRIPTION])
    except BagError as error:
        raise DossierError(str(error)) from error
    except (KeyError, ValueError) as error:
        raise DossierError(_("包里没有案卷导出的 dossier.json。")) from error
    if told.get("format") != FORMAT:
        raise DossierError(_("这个包的格式比本系统新，请先升级。"))
    stored: list[str] = []
    try:
        with transaction.atomic():
            return _take(reader, told, bag, stored)
    except BaseException:
        delete_stored(stored)
        raise


def _take(reader: Reader, told: Told, bag: Bag, stored: list[str]) -> DossierPage:
    estate = Estate.objects.filter(code=told["estate"]).first()
    if estate is None:
        raise DossierError(_("没有代码为 %(code)s 的楼盘，请先建立。") % {"code": told["estate"]})
    if not policies.may_take_bags_on(reader.user, estate):
        raise PermissionDenied
    _reserve_number(told)
    people = {user.username: user for user in User.objects.all()}
    dossier = _dossier(reader, told, estate)
    _enter_versions(reader, told, dossier.customer, people)
    for row in told["documents"]:
        stored.append(_enter_document(reader, row, bag, dossier, people))  # noqa: PERF401  a failure deletes these
    _enter_contacts(reader, told, dossier, people)
    _enter_steps(reader, told, dossier, people)
    facts = {name: told[name] for name in FACTS}
    DossierPage.objects.filter(pk=dossier.pk).update(
        **facts,
        state=State.FILED,
        template=TemplateVersion.objects.filter(number=told["template"]).first() or template_in_force(),
        filed_at=datetime.fromisoformat(told["filed_at"]) if told["filed_at"] else None,
        filed_by=reader.user,
        verified_by=reader.user,
        open_gaps=0,
    )
    filed = DossierPage.objects.get(pk=dossier.pk)
    filed.save_revision(user=reader.user, log_action=True, clean=False)
    note(reader, Act.CHANGED, filed, purpose=str(Step.BAG_TAKEN.value), count=len(bag.payload))
    return filed


def _reserve_number(told: Told) -> None:
    if NumberEntry.objects.filter(number=told["number"]).exists():
        raise DossierError(_("编号 %(number)s 在这里已经用过，没有导入。") % {"number": told["number"]})
    scope, sequence = told["series"]
    Counter.objects.get_or_create(scope=scope)
    counter = Counter.objects.select_for_update().get(scope=scope)
    if NumberEntry.objects.filter(scope=scope, sequence=sequence).exists():
        raise DossierError(_("编号 %(number)s 在这里已经用过，没有导入。") % {"number": told["number"]})
    NumberEntry.objects.create(number=told["number"], scope=scope, sequence=sequence)
    counter.last = max(counter.last, sequence)
    counter.save(update_fields=["last"])


def _dossier(reader: Reader, told: Told, estate: Estate) -> DossierPage:
    unit, day = unit_named(estate, parse_unit(told["unit"])), date.fromisoformat(told["record_date"])
    folder = Page.objects.select_for_update().get(pk=month_folder(estate, day).pk)
    dossier = DossierPage(
        title=f"{estate} {unit}",
        slug=new_slug(),
        estate=estate,
        unit=unit,
        tenure=_tenure(told, unit.pk),
        customer=Customer.objects.create(kind=told["customer_kind"]),
        record_date=day,
        owner=reader.user,
        live=False,
    )
    folder.add_child(instance=dossier)
    return dossier


def _tenure(told: Told, unit: int) -> Tenure | None:
    given = told["tenure"]
    if given is None:
        return None
    days = {name: date.fromisoformat(given[name]) if given[name] else None for name in DAYS}
    owned = Tenure.objects.filter(unit=unit, kind=Tenure.Kind.OWNER)
    taken = owned.filter(opened_on=given["opened_on"]) | owned.filter(closed_on=None)
    if given["kind"] == Tenure.Kind.OWNER and not days["closed_on"] and taken.exists():
        raise DossierError(_("这套房在这里已有业主的档案，没有导入。"))
    return Tenure.objects.create(unit_id=unit, kind=given["kind"], **days)


def _enter_versions(reader: Reader, told: Told, customer: Customer, people: Mapping[str, User]) -> None:
    for row in told["versions"]:
        version = ProfileVersion.objects.create(
            customer=customer,
            number=row["number"],
            sealed=sealed_profile(customer, row["number"], row["values"]),
            changed=row["changed"],
            made_by=people.get(row["made_by"], reader.user),
        )
        _dated(version, made_at=row["made_at"])
        customer.latest = row["number"]
    if told["versions"]:
        derive_from_profile(customer, told["versions"][-1]["values"], known_items())


def _enter_document(reader: Reader, row: Told, bag: Bag, dossier: DossierPage, people: Mapping[str, User]) -> str:
    """Its stored path. Raises DossierError for a document that is not what the description says."""
    content = bag.payload.get(row["path"], b"")
    if hashlib.sha256(content).hexdigest() != row["sha256"]:
        raise DossierError(_("包里的 %(path)s 被改动过，校验不符。") % {"path": row["path"]})
    upload = File(BytesIO(content), row["path"].rpartition("/")[2])
    incoming: Incoming = checked_file(upload, row["name"] or upload.name or "", has_paper=row["has_paper"])
    added_by = people.get(row["added_by"], reader.user)
    place = (row["kind"], row["title"], row["version"])
    document = store_document(held=dossier, incoming=incoming, place=place, added_by=added_by, name=row["name"])
    _dated(document, added_at=row["added_at"])
    return document.path


def _enter_contacts(reader: Reader, told: Told, dossier: DossierPage, people: Mapping[str, User]) -> None:
    for row in told["contacts"]:
        by = people.get(row["by"], reader.user)
        contact = Contact(dossier=dossier, on=date.fromisoformat(row["on"]), channel=row["channel"], by=by)
        contact.seal_note(dossier.customer.subject, row["text"])
        contact.save()
        _dated(contact, at=row["at"])


def _enter_steps(reader: Reader, told: Told, dossier: DossierPage, people: Mapping[str, User]) -> None:
    for row in told["steps"]:
        by = people.get(row["by"], reader.user)
        step = DossierStep(dossier=dossier, step=row["step"], gate=row["gate"], detail=row["detail"], by=by)
        step.seal_note(dossier.customer.subject, row["text"])
        step.save()
        _dated(step, at=row["at"])


def _dated(row: Model, **moments: str) -> None:
    """Rows say when they were made by themselves: here the moment is that of the bag."""
    given = {name: datetime.fromisoformat(text) for name, text in moments.items()}
    type(row)._base_manager.filter(pk=row.pk).update(**given)
