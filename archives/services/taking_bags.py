"""A dossier comes in as a bag that another site, or this one, exported: equal to what it was, with its number."""

from __future__ import annotations

import hashlib
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from wagtail.models import Page

from archives import policies
from archives.bag_description import (
    DescriptionError,
    SaidContact,
    SaidDocument,
    SaidDossier,
    SaidStep,
    SaidTenure,
    SaidVersion,
    read_description,
    wrong_at,
)
from archives.bagging import DAYS, DESCRIPTION, FACTS
from archives.history import is_tellable
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
from archives.profiles import Profile, sealed_profile
from archives.register import Reader, note
from archives.services.documents import Incoming, checked_file, store_document
from archives.services.entering import derive_from_profile
from archives.services.errors import DossierError
from archives.services.starting import new_customer
from archives.template import known_items, template_in_force
from archives.vocabulary import NAME, RECORD_KIND, State, Step
from estates.models import Counter, Estate, NumberEntry
from estates.numbering import Series
from estates.unit_codes import UnitCodeError, parse_unit
from estates.units import unit_named
from exchange.bags import Bag, BagError, read_bag
from media.services import delete_stored
from vault.models.access import Act

if TYPE_CHECKING:
    from collections.abc import Iterable

    from estates.models import Unit


UNNAMED = "—"
LARGEST_GAP = 20_000
"""More dossiers than an estate files in a year: no bag may carry the counter further at once."""


def take_bag(*, reader: Reader, content: bytes) -> DossierPage:
    """Make the dossier that the bag holds. Raises PermissionDenied; DossierError for what is no such bag, was changed
    on the way, or is here already."""
    try:
        bag = read_bag(content)
        said = read_description(bag.payload[DESCRIPTION])
    except (BagError, DescriptionError) as error:
        raise DossierError(str(error)) from error
    except KeyError as error:
        raise DossierError(_("包里没有案卷导出的 dossier.json。")) from error
    stored: list[str] = []
    try:
        with transaction.atomic():
            return _take(reader, said, bag, stored)
    except IntegrityError as error:
        delete_stored(stored)
        raise DossierError(_("dossier.json 的内容互相矛盾，没有导入。")) from error
    except BaseException:
        delete_stored(stored)
        raise


def _take(reader: Reader, said: SaidDossier, bag: Bag, stored: list[str]) -> DossierPage:
    estate = Estate.objects.filter(code=said.estate).first()
    if estate is None:
        raise DossierError(_("没有代码为 %(code)s 的楼盘，请先建立。") % {"code": said.estate})
    if not policies.may_take_bags_on(reader.user, estate):
        raise PermissionDenied
    _refuse_foreign_number(said, estate)
    _reserve_number(said)
    dossier = _dossier(reader, said, estate)
    _enter_versions(reader, said.versions, dossier.customer)
    for row in said.documents:
        stored.append(_enter_document(reader, row, bag, dossier))  # noqa: PERF401  a failure deletes these
    _enter_contacts(reader, said.contacts, dossier)
    _enter_steps(reader, said.steps, dossier)
    DossierPage.objects.filter(pk=dossier.pk).update(
        **said.model_dump(include=set(FACTS)),
        state=State.FILED,
        template=TemplateVersion.objects.filter(number=said.template).first() or template_in_force(),
        filed_at=said.filed_at,
        open_gaps=0,
    )
    filed = DossierPage.objects.get(pk=dossier.pk)
    filed.save_revision(user=reader.user, log_action=True, clean=False)
    note(reader, Act.CHANGED, filed, purpose=str(Step.BAG_TAKEN.value), count=len(bag.payload))
    return filed


def _refuse_foreign_number(said: SaidDossier, estate: Estate) -> None:
    """A number is what this site's own rule makes of estate, kind, year and sequence, and nothing else. Raises
    DossierError."""
    scope, sequence = said.series
    series = Series(estate.code, RECORD_KIND, said.record_date.year)
    if scope != series.scope or said.number != series.number(sequence):
        named = {"number": series.number(sequence)}
        raise DossierError(_("编号和楼盘、年份或序号不符，应为 %(number)s，没有导入。") % named)
    if said.filed_at is None:
        raise DossierError(wrong_at("filed_at"))


def _reserve_number(said: SaidDossier) -> None:
    if NumberEntry.objects.filter(number=said.number).exists():
        raise DossierError(_("编号 %(number)s 在这里已经用过，没有导入。") % {"number": said.number})
    scope, sequence = said.series
    Counter.objects.get_or_create(scope=scope)
    counter = Counter.objects.select_for_update().get(scope=scope)
    if sequence > counter.last + LARGEST_GAP:
        raise DossierError(_("序号 %(n)d 比这里已给的大得太多，没有导入。") % {"n": sequence})
    if NumberEntry.objects.filter(scope=scope, sequence=sequence).exists():
        raise DossierError(_("编号 %(number)s 在这里已经用过，没有导入。") % {"number": said.number})
    NumberEntry.objects.create(number=said.number, scope=scope, sequence=sequence)
    counter.last = max(counter.last, sequence)
    counter.save(update_fields=["last"])


def _dossier(reader: Reader, said: SaidDossier, estate: Estate) -> DossierPage:
    try:
        unit = unit_named(estate, parse_unit(said.unit))
    except UnitCodeError as error:
        raise DossierError(wrong_at("unit")) from error
    folder = Page.objects.select_for_update().get(pk=month_folder(estate, said.record_date).pk)
    dossier = DossierPage(
        title=f"{estate} {unit}",
        slug=new_slug(),
        estate=estate,
        unit=unit,
        tenure=_tenure(said.tenure, unit),
        customer=new_customer(said.customer_kind),
        record_date=said.record_date,
        owner=reader.user,
        live=False,
    )
    folder.add_child(instance=dossier)
    return dossier


def _tenure(said: SaidTenure | None, unit: Unit) -> Tenure | None:
    if said is None:
        return None
    owned = Tenure.objects.filter(unit=unit, kind=Tenure.Kind.OWNER)
    taken = owned.filter(opened_on=said.opened_on) | owned.filter(closed_on=None)
    if said.kind == Tenure.Kind.OWNER and not said.closed_on and taken.exists():
        raise DossierError(_("这套房在这里已有业主的档案，没有导入。"))
    return Tenure.objects.create(unit=unit, kind=said.kind, **said.model_dump(include=set(DAYS)))


def _enter_versions(reader: Reader, said: Iterable[SaidVersion], customer: Customer) -> None:
    values: Profile = {}
    for row in said:
        customer.latest, values = row.number, row.values
        version = ProfileVersion.objects.create(
            customer=customer,
            number=row.number,
            sealed=sealed_profile(customer, row.number, values),
            changed=row.changed,
            said_by=row.made_by or UNNAMED,
        )
        _as_said(version, made_at=row.made_at)
    if NAME not in values:
        raise DossierError(_("包里的客户没有姓名或企业名称，不能作为已归档的档案导入。"))
    derive_from_profile(customer, values, known_items())


def _enter_document(reader: Reader, said: SaidDocument, bag: Bag, dossier: DossierPage) -> str:
    """Its stored path. Raises DossierError for a document that is not what the description says."""
    content = bag.payload.get(said.path, b"")
    if hashlib.sha256(content).hexdigest() != said.sha256:
        raise DossierError(_("包里的 %(path)s 被改动过，校验不符。") % {"path": said.path})
    upload = File(BytesIO(content), said.path.rpartition("/")[2])
    incoming: Incoming = checked_file(upload, said.name or upload.name or "", has_paper=said.has_paper)
    place = (said.kind, said.title, said.version)
    document = store_document(held=dossier, incoming=incoming, place=place, added_by=reader.user, name=said.name)
    _as_said(document, said_by=said.added_by or UNNAMED, added_at=said.added_at)
    return document.path


def _enter_contacts(reader: Reader, said: Iterable[SaidContact], dossier: DossierPage) -> None:
    for row in said:
        contact = Contact(dossier=dossier, on=row.on, channel=row.channel, by=reader.user)
        contact.said_by = row.by or UNNAMED
        contact.seal_note(dossier.customer.subject, row.text)
        contact.save()
        _as_said(contact, at=row.at)


def _enter_steps(reader: Reader, said: Iterable[SaidStep], dossier: DossierPage) -> None:
    """Raises DossierError for a step that the history could not tell."""
    known = known_items()
    for row in said:
        step = DossierStep(dossier=dossier, step=row.step, gate=row.gate, detail=row.detail, said_by=row.by or UNNAMED)
        if not is_tellable(step, known):
            raise DossierError(wrong_at(f"steps {row.step}"))
        step.seal_note(dossier.customer.subject, row.text)
        step.save()
        _as_said(step, at=row.at)


def _as_said(row: Model, **said: datetime | str) -> None:
    """Rows say when they were made by themselves: here the moment is that of the bag, and never an act of ours."""
    type(row)._base_manager.filter(pk=row.pk).update(**said)
