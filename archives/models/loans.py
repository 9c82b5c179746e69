from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from archives.models.documents import DossierDocument
from archives.models.dossiers import DossierPage
from archives.models.history import SealedNote
from archives.vocabulary import OUT_STATES, LoanState, Medium


class Loan(SealedNote):
    """Documents of a dossier lent out (借阅). Inside to a colleague; outside only with the director's approval: to the
    property company's people by their account, to others with a sealed note that names the borrower. `is_outside` is as
    it stood when the loan was asked for, or last decided on. The purpose holds no personal data."""

    dossier = models.ForeignKey(DossierPage, models.PROTECT, related_name="loans", verbose_name=_("客户档案"))
    medium = models.CharField(_("借阅形式"), max_length=12, choices=Medium)
    purpose = models.CharField(_("借阅目的"), max_length=200)
    borrower = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="borrowed_loans",
        verbose_name=_("借阅人"),
    )
    is_outside = models.BooleanField(_("借给外单位"), default=False)
    due_on = models.DateField(_("应还日期"))
    state = models.CharField(_("状态"), max_length=10, choices=LoanState, default=LoanState.ASKED)
    asked_at = models.DateTimeField(_("申请时间"), auto_now_add=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("申请人"))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("批准人")
    )
    director = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("批准外借的领导")
    )
    out_at = models.DateTimeField(_("借出时间"), null=True)
    back_at = models.DateTimeField(_("还清时间"), null=True)
    reminded = models.PositiveSmallIntegerField(_("已催还次数"), default=0)

    class Meta:
        verbose_name = _("借阅登记")
        verbose_name_plural = _("借阅登记")
        ordering = ("-asked_at",)

    def __str__(self) -> str:
        return f"{self.get_medium_display()} {self.dossier_id} {self.due_on}"

    @property
    def days_overdue(self) -> int:
        late = (timezone.localdate() - self.due_on).days
        return late if self.state in OUT_STATES and late > 0 else 0


class LoanItem(models.Model):
    """One document of a loan, and when it came back."""

    loan = models.ForeignKey(Loan, models.CASCADE, related_name="items", verbose_name=_("借阅登记"))
    document = models.ForeignKey(DossierDocument, models.PROTECT, related_name="+", verbose_name=_("档案文件"))
    back_at = models.DateTimeField(_("归还时间"), null=True)
    back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("接收人")
    )

    class Meta:
        verbose_name = _("借阅的文件")
        verbose_name_plural = _("借阅的文件")
        constraints = [models.UniqueConstraint(fields=["loan", "document"], name="loan_item_once")]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.document_id}"


class PaperCheck(models.Model):
    """At a stock-take (清点) a paper was found in its place, or not."""

    document = models.ForeignKey(DossierDocument, models.CASCADE, related_name="checks", verbose_name=_("档案文件"))
    is_found = models.BooleanField(_("在位"))
    at = models.DateTimeField(_("清点时间"), auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("清点人"))

    class Meta:
        verbose_name = _("清点记录")
        verbose_name_plural = _("清点记录")
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.document_id} {self.is_found}"
