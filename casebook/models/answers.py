from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from casebook.models.drawings import Drawing
from casebook.models.links import OutsideLink
from casebook.models.packs import PackItem
from casebook.vocabulary import Verdict
from media.models import FiledDocument

LONGEST_NOTE = 2_000
SHARE = [MinValueValidator(0.0), MaxValueValidator(1.0)]


class WrittenOnce(models.Model):
    """A row that is written once: what was said stays as it was said."""

    class Meta:
        abstract = True

    def save(self, *args: object, **kwargs: object) -> None:
        if self.pk is not None:
            raise TypeError(f"{type(self).__name__} is written once")
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class Answer(WrittenOnce):
    """One answer to one item (答复). A later answer does not replace it: the highest `sequence` counts.

    `pin_x`, `pin_y`: the place on the drawing's page, as shares of its width from the left and its height from the top.
    """

    item = models.ForeignKey(PackItem, models.CASCADE, related_name="given", verbose_name=_("审查条目"))
    sequence = models.PositiveSmallIntegerField(_("第几次"))
    verdict = models.CharField(_("结论"), max_length=16, choices=Verdict)
    drawing_number = models.CharField(_("图号"), max_length=60, blank=True)
    drawing_revision = models.CharField(_("版次"), max_length=20, blank=True)
    drawing = models.ForeignKey(Drawing, models.PROTECT, null=True, related_name="+", verbose_name=_("图纸"))
    page = models.PositiveIntegerField(_("页码"), null=True, blank=True, validators=[MinValueValidator(1)])
    pin_x = models.FloatField(null=True, validators=SHARE)
    pin_y = models.FloatField(null=True, validators=SHARE)
    note = models.TextField(_("说明"), max_length=LONGEST_NOTE, blank=True)
    attachment = models.ForeignKey(FiledDocument, models.PROTECT, null=True, related_name="+", verbose_name=_("附件"))
    carried_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    """The answer of the round before, where this one only carries it over."""
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    link = models.ForeignKey(OutsideLink, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(_("答复时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("答复")
        verbose_name_plural = _("答复")
        ordering = ("sequence",)
        constraints = [
            models.UniqueConstraint(fields=["item", "sequence"], name="answer_once"),
            models.CheckConstraint(
                condition=models.Q(answered_by__isnull=False) ^ models.Q(link__isnull=False), name="answer_by_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} · {self.who}"

    @property
    def who(self) -> str:
        return str(self.answered_by or self.link)

    @property
    def where(self) -> str:
        """Drawing, revision and page in words."""
        page = _("第 %(n)d 页") % {"n": self.page} if self.page else ""
        return " ".join(str(part) for part in (self.drawing_number, self.drawing_revision, page) if part)


class AnswerCheck(WrittenOnce):
    """What customer service says to one answer: accepted, or sent back with what is missing (核对)."""

    answer = models.OneToOneField(Answer, models.CASCADE, related_name="check_made", verbose_name=_("答复"))
    accepted = models.BooleanField(_("认可"))
    remark = models.CharField(_("意见"), max_length=500, blank=True)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("核对")
        verbose_name_plural = _("核对")

    def __str__(self) -> str:
        return f"{self.answer}: {_('已认可') if self.accepted else self.remark}"
