"""An import as it goes on: the rows that came, sealed until they are settled; what each made, to undo it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from exchange.tables import Problem, TableRow
from vault.sealing import Spot, seal, unseal


def new_subject() -> str:
    return f"import-{uuid4().hex}"


class ImportBatch(models.Model):
    """One file that was sent in. `subject` names the key that seals its rows: destroyed when the batch is settled.
    `refusal` is the code of why it could not be read, and what the words name."""

    class State(models.TextChoices):
        READING = "reading", _("读取中")
        REFUSED = "refused", _("读不了")
        CHECKING = "checking", _("检查中")
        CHECKED = "checked", _("已检查，未写入")
        WRITING = "writing", _("写入中")
        WRITTEN = "written", _("已写入")
        UNDOING = "undoing", _("撤回中")
        UNDONE = "undone", _("已撤回")
        DROPPED = "dropped", _("已放弃")

    subject = models.CharField(_("批次密钥编号"), max_length=40, unique=True, default=new_subject, editable=False)
    kind = models.CharField(_("导入种类"), max_length=20)
    options = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    ignored = models.JSONField(default=list)
    refusal = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, db_index=True)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.READING)
    rows = models.PositiveIntegerField(_("行数"), default=0)
    made_at = models.DateTimeField(_("上传时间"), auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("上传人"))
    settled_at = models.DateTimeField(_("完成时间"), null=True)
    is_readable = models.BooleanField(_("原表还在"), default=True)

    class Meta:
        verbose_name = _("导入批次")
        verbose_name_plural = _("导入批次")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class ImportFile(models.Model):
    """The file as it came, sealed, from when it was sent in until it has been read."""

    batch = models.OneToOneField(
        ImportBatch, models.CASCADE, primary_key=True, related_name="file", verbose_name=_("导入批次")
    )
    sealed = models.BinaryField()

    class Meta:
        verbose_name = _("导入的原文件")
        verbose_name_plural = _("导入的原文件")

    def __str__(self) -> str:
        return str(self.batch_id)

    def seal_content(self, content: bytes) -> None:
        self.sealed = seal(self.batch.subject, self._spot(), content)

    def opened(self) -> bytes:
        """Raises what `vault.sealing.unseal` raises."""
        return unseal(self.batch.subject, self._spot(), bytes(self.sealed))

    def _spot(self) -> Spot:
        return Spot("exchange.ImportFile", self.batch.subject, "sealed")


class ImportChunk(models.Model):
    """Some hundreds of rows, checked, written and undone together in one transaction. `made` are what the importer
    says that each row made; `known` counts rows that were there already; `kept` are rows that could not be undone."""

    class State(models.TextChoices):
        WAITING = "waiting", _("未检查")
        CHECKED = "checked", _("已检查")
        WRITTEN = "written", _("已写入")
        UNDONE = "undone", _("已撤回，密钥未销毁")
        GONE = "gone", _("已撤回")

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="chunks", verbose_name=_("导入批次"))
    number = models.PositiveIntegerField(_("块"))
    sealed = models.BinaryField()
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.WAITING)
    problems = models.JSONField(default=list)
    known = models.PositiveIntegerField(_("已有"), default=0)
    made = models.JSONField(default=list)
    kept = models.JSONField(default=list)

    class Meta:
        verbose_name = _("导入批次的一块")
        verbose_name_plural = _("导入批次的块")
        ordering = ("batch", "number")
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="import_chunk_once")]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.number}"

    def seal_rows(self, rows: Sequence[TableRow]) -> None:
        told = json.dumps([[row.number, dict(row.cells)] for row in rows], ensure_ascii=False)
        self.sealed = seal(self.batch.subject, self._spot(), told.encode())

    def opened_rows(self) -> list[TableRow]:
        """Raises what `vault.sealing.unseal` raises."""
        told = json.loads(unseal(self.batch.subject, self._spot(), bytes(self.sealed)))
        return [TableRow(number, cells) for number, cells in told]

    def _spot(self) -> Spot:
        return Spot("exchange.ImportChunk", f"{self.batch.subject}:{self.number}", "sealed")

    @property
    def found(self) -> list[Problem]:
        return [Problem(*one) for one in self.problems]

    def keep_problems(self, problems: Sequence[Problem]) -> None:
        self.problems = [[one.row, one.column, one.code, dict(one.named)] for one in problems]
