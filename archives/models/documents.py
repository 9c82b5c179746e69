from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from archives.models.dossiers import DossierPage
from archives.models.history import FromElsewhere, SealedNote
from archives.vocabulary import SENSITIVITY_OF_DOCUMENTS, DocumentKind, Sensitivity

LONGEST_PATH = 255


class DossierDocument(FromElsewhere, SealedNote):
    """A version of a document. The stored bytes are sealed with a key of their own, which the customer's key seals;
    the note is the name that the file came under. `sha256` is of the stored bytes, `size` counts the plain ones."""

    dossier = models.ForeignKey(DossierPage, models.PROTECT, related_name="documents", verbose_name=_("客户档案"))
    kind = models.CharField(_("文件种类"), max_length=16, choices=DocumentKind)
    title = models.PositiveIntegerField(_("第几份"))
    version = models.PositiveIntegerField(_("版本"))
    path = models.CharField(_("存放路径"), max_length=LONGEST_PATH, unique=True)
    sealed_key = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(_("大小"))
    extension = models.CharField(_("格式"), max_length=8)
    pages = models.PositiveIntegerField(_("页数"), null=True)
    has_paper = models.BooleanField(_("有纸质原件"), default=True)
    added_at = models.DateTimeField(_("加入时间"), auto_now_add=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("加入人"))

    class Meta:
        verbose_name = _("档案文件")
        verbose_name_plural = _("档案文件")
        ordering = ("kind", "title", "-version")
        constraints = [
            models.UniqueConstraint(fields=["dossier", "kind", "title", "version"], name="document_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.title}"

    @property
    def brought_by(self) -> str:
        return self.whose(self.added_by)

    @property
    def is_sensitive(self) -> bool:
        return SENSITIVITY_OF_DOCUMENTS.get(self.kind, Sensitivity.SENSITIVE) == Sensitivity.SENSITIVE

    @property
    def part(self) -> str:
        """As the access register names it: kind, number and version."""
        return f"{self.kind}-{self.title}-v{self.version}"
