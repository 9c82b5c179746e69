from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.models import PageManager

from archives.life_vocabulary import Term, Trigger
from archives.models.customers import Customer
from archives.models.retention_rules import RetentionRule
from archives.models.templates import TemplateVersion
from archives.models.tenures import Tenure
from archives.querysets import DossierQuerySet
from archives.vocabulary import OPEN_STATES, RECORD_KIND, Channel, Need, State
from estates.containers import ContainerPermissionTester
from estates.filing_plan import FilePlace
from estates.models import Estate, Unit
from estates.records import RecordPage, opaque_slug

if TYPE_CHECKING:
    from estates.access import Person


def new_slug() -> str:
    return opaque_slug("d")


class DossierPage(RecordPage):
    """A customer dossier (客户档案). Nothing on the page, in its title, versions or log says who the customer
    is."""

    FACTS = (
        "number",
        "slug",
        "estate_id",
        "unit_id",
        "tenure_id",
        "customer_id",
        "record_date",
        "client_id",
        "state",
        "template_id",
        "confirmed_profile",
        "verified_profile",
        "verified_by_id",
        "filed_at",
        "filed_by_id",
        "open_gaps",
        "merged_into_id",
        "retention_rule_id",
        "retention_term",
        "retention_trigger",
    )

    number = models.CharField(_("档案编号"), max_length=40, unique=True, null=True, blank=True, editable=False)
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="+", verbose_name=_("楼盘"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("房号"))
    tenure = models.OneToOneField(Tenure, models.PROTECT, related_name="dossier", verbose_name=_("产权期"), null=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="dossiers", verbose_name=_("客户"))
    record_date = models.DateField(_("记录日期"))
    client_id = models.UUIDField(unique=True, null=True, editable=False)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.ENTERING, db_index=True)
    template = models.ForeignKey(
        TemplateVersion, models.PROTECT, null=True, related_name="+", verbose_name=_("归档时的模板")
    )
    confirmed_profile = models.PositiveIntegerField(_("客户确认的版本"), default=0)
    verified_profile = models.PositiveIntegerField(_("核对过的版本"), default=0)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("核对人")
    )
    filed_at = models.DateTimeField(_("归档时间"), null=True)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("归档人")
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="merged_from", editable=False, verbose_name=_("并入")
    )
    retention_rule = models.ForeignKey(
        RetentionRule, models.PROTECT, null=True, related_name="+", editable=False, verbose_name=_("保管期限规则")
    )
    retention_term = models.CharField(_("归档时的保管期限"), max_length=10, choices=Term, blank=True, editable=False)
    retention_trigger = models.CharField(
        _("保管期限从哪件事算起"), max_length=14, choices=Trigger, blank=True, editable=False
    )
    open_gaps = models.PositiveSmallIntegerField(_("未完成项"), default=0)

    need = models.CharField(_("客户需求"), max_length=10, choices=Need, default=Need.PURCHASE)
    channel = models.CharField(_("资料来源"), max_length=12, choices=Channel, default=Channel.CONTRACT)
    shelf_mark = models.CharField(_("纸质档案位置"), max_length=40, blank=True)

    objects = PageManager.from_queryset(DossierQuerySet)()

    parent_page_types = ["archives.MonthArchivePage"]

    class Meta:
        verbose_name = _("客户档案")
        verbose_name_plural = _("客户档案")
        indexes = [models.Index(fields=["estate", "record_date"], name="dossier_place")]

    @property
    def place(self) -> FilePlace:
        return FilePlace(self.estate.code, self.unit.code, RECORD_KIND, self.record_date)

    @property
    def place_words(self) -> str:
        return f"{self.estate} · {self.unit}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    def permissions_for_user(self, user: Person) -> ContainerPermissionTester:
        return ContainerPermissionTester(user, self)

    def get_absolute_url(self) -> str:
        return reverse("archives:dossier", args=[self.key])
