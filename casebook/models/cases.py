from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Self

from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.models import PageManager, Revision, TaskState

from casebook.case_edit_form import CaseEditForm
from casebook.documents import case_document
from casebook.fields import TEXT_FIELDS, ChoiceListField
from casebook.outgoing import outgoing
from casebook.panels import CASE_PANELS
from casebook.permissions import CasePermissionTester
from casebook.querysets import CaseQuerySet
from casebook.titles import is_derived, title_of
from casebook.vocabulary import (
    RECORD_KIND,
    Category,
    Climate,
    Component,
    DrawingCause,
    Library,
    Origin,
    ProductType,
    ReviewStage,
    Severity,
    Stage,
    State,
)
from estates.filing_plan import FilePlace
from estates.models import Department, Estate, Unit
from estates.records import RecordPage, opaque_slug
from search import index

if TYPE_CHECKING:
    from wagtail.models import Revision

    from estates.access import Person

LONGEST_TEXT = 20_000
TITLES = ("title", "draft_title")
OUTGOING = ("draft_title", "drawing_number", *TEXT_FIELDS)


def new_slug() -> str:
    return opaque_slug("c")


class CasePage(RecordPage):
    """A case (案例): what went wrong, why, and what the next design must do.

    The FACTS belong to the record, not to a version: no revision, revert or stale form changes them.
    """

    FACTS = (
        "number",
        "slug",
        "estate_id",
        "unit_id",
        "record_date",
        "client_id",
        "origin",
        "source_id",
        "state",
    )

    number = models.CharField(_("案例编号"), max_length=40, unique=True, null=True, blank=True, editable=False)
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="+", verbose_name=_("楼盘"))
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("房号"))
    record_date = models.DateField(_("记录日期"))
    client_id = models.UUIDField(unique=True, null=True, blank=True, editable=False)
    origin = models.CharField(_("来源"), max_length=12, choices=Origin, default=Origin.STAFF, editable=False)
    source_id = models.CharField(max_length=80, unique=True, null=True, blank=True, editable=False)
    state = models.CharField(
        _("状态"), max_length=12, choices=State, default=State.DRAFT, editable=False, db_index=True
    )

    description = models.TextField(_("问题说明"), max_length=LONGEST_TEXT, blank=True)
    stage = models.CharField(_("阶段"), max_length=16, choices=Stage, blank=True)
    category = models.CharField(_("类别"), max_length=16, choices=Category, blank=True)
    severity = models.PositiveSmallIntegerField(_("严重程度"), choices=Severity, null=True, blank=True)
    cost = models.DecimalField(
        _("处理费用（元）"), max_digits=12, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    cause = models.TextField(_("原因分析"), max_length=LONGEST_TEXT, blank=True)
    cause_is_drawing = models.BooleanField(_("由图纸引起"), null=True, blank=True)
    drawing_number = models.CharField(_("图号"), max_length=60, blank=True)
    drawing_cause = models.CharField(_("图纸原因分类"), max_length=16, choices=DrawingCause, blank=True)
    measure = models.TextField(_("已采取的措施"), max_length=LONGEST_TEXT, blank=True)
    lesson = models.TextField(_("经验教训"), max_length=LONGEST_TEXT, blank=True)
    requirement = models.TextField(_("对下一个设计的要求"), max_length=LONGEST_TEXT, blank=True)
    responsible_department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("责任部门")
    )
    to_design = models.BooleanField(Library.DESIGN.label, default=False)
    to_quality = models.BooleanField(Library.QUALITY.label, default=False)
    to_service = models.BooleanField(Library.SERVICE.label, default=False)
    is_positive = models.BooleanField(_("好做法（正面案例）"), default=False)
    homes_affected = models.PositiveIntegerField(_("涉及户数"), null=True, blank=True)
    components = ChoiceListField(_("涉及部位"), choices_of=Component)
    product_types = ChoiceListField(_("只适用的产品类型"), choices_of=ProductType)
    climates = ChoiceListField(_("只适用的气候分区"), choices_of=Climate)
    review_stages = ChoiceListField(_("在哪些阶段提醒"), choices_of=ReviewStage)
    no_photo_reason = models.CharField(_("没有照片的原因"), max_length=200, blank=True)

    objects = PageManager.from_queryset(CaseQuerySet)()

    parent_page_types = ["casebook.MonthFolderPage"]
    content_panels = CASE_PANELS
    base_form_class = CaseEditForm
    preview_template = "casebook/case_preview.html"

    class Meta:
        verbose_name = _("案例")
        verbose_name_plural = _("案例")
        indexes = [models.Index(fields=["estate", "record_date"], name="case_place")]

    @property
    def place(self) -> FilePlace:
        return FilePlace(self.estate.code, self.unit.code if self.unit else None, RECORD_KIND, self.record_date)

    @property
    def place_words(self) -> str:
        return f"{self.estate} · {self.unit}" if self.unit else f"{self.estate} · {_('公共部位')}"

    @property
    def libraries(self) -> list[Library]:
        return [library for library in Library if getattr(self, library.value)]

    def permissions_for_user(self, user: Person) -> CasePermissionTester:
        return CasePermissionTester(user, self)

    def get_absolute_url(self) -> str:
        return reverse("casebook:case", args=[self.key])

    def preview_context(self) -> dict[str, object]:
        return {"case": self, "shown": self, "photos": list(self.photos.all()), "is_preview": True}

    def get_admin_display_title(self) -> str:
        return f"{self.number} {self.draft_title}" if self.number else str(self.draft_title)

    def save_revision(self, *args: object, overwrite_revision: Revision | None = None, **kwargs: object) -> Revision:
        """A version that was published or laid before a reviewer stays as it was: autosave goes on in a new one. A
        title that nobody wrote follows its description, in whatever editor that is changed."""
        self._follow_description()
        for row in self.photos.all():
            row.caption = outgoing(row.caption)
        if overwrite_revision and (
            overwrite_revision.pk == self.live_revision_id
            or TaskState.objects.filter(revision=overwrite_revision).exists()
        ):
            overwrite_revision = None
        return super().save_revision(*args, overwrite_revision=overwrite_revision, **kwargs)

    def _follow_description(self) -> None:
        latest = self.latest_revision.content if self.latest_revision else {}
        before, title = latest.get("description", ""), str(self.__dict__.get("title", ""))
        if latest.get("title") == title and before != self.description and is_derived(title, before):
            self.__dict__["title"] = title_of(self.description)

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **kwargs: Any) -> Self:
        """The row is what readers see: no phone or ID number in it is shown, whenever it was written. What an editor
        typed stands in the revision."""
        case: Self = super().from_db(db, field_names, values, **kwargs)
        for name in OUTGOING:
            if value := case.__dict__.get(name):
                case.__dict__[name] = outgoing(value)
        return case

    def save(self, *args: object, **kwargs: object) -> None:
        """Rows and their search document never differ: both are written in one transaction. A title stands in lists of
        pages, so that the row has it without phone and ID numbers; the draft keeps it as it was typed."""
        typed = {name: self.__dict__[name] for name in TITLES if name in self.__dict__}
        self.__dict__.update({name: outgoing(str(text)) for name, text in typed.items()})
        try:
            with transaction.atomic():
                super().save(*args, **kwargs)
                index.put([case_document(self)])
        finally:
            self.__dict__.update(typed)
