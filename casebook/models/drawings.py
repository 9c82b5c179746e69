from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from casebook.models.links import OutsideLink
from casebook.models.packs import ReviewPack
from media.models import FiledDocument


class DrawingQuerySet(models.QuerySet["Drawing"]):
    def of(self, pack: ReviewPack) -> DrawingQuerySet:
        """Those of all rounds of the pack's review."""
        return self.filter(pack=pack.first_round_id or pack.pk)


class Drawing(models.Model):
    """A drawing that answers point to, as a PDF in one revision (图纸). Filed with the first round of its review."""

    pack = models.ForeignKey(ReviewPack, models.PROTECT, related_name="drawings", verbose_name=_("经验审查包"))
    number = models.CharField(_("图号"), max_length=60)
    revision = models.CharField(_("版次"), max_length=20)
    document = models.ForeignKey(FiledDocument, models.PROTECT, related_name="+", verbose_name=_("文件"))
    pages = models.PositiveIntegerField(_("页数"))
    changed_pages = models.JSONField(null=True)
    """Page numbers that differ from the revision before; null for the first, or where all count as changed."""
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    link = models.ForeignKey(OutsideLink, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(_("上传时间"), auto_now_add=True)

    objects = DrawingQuerySet.as_manager()

    class Meta:
        verbose_name = _("图纸")
        verbose_name_plural = _("图纸")
        ordering = ("number", "pk")
        constraints = [
            models.UniqueConstraint(fields=["pack", "number", "revision"], name="drawing_revision_once"),
            models.CheckConstraint(
                condition=models.Q(uploaded_by__isnull=False) ^ models.Q(link__isnull=False), name="drawing_by_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.revision}"
