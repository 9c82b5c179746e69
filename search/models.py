from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class IndexedDocument(models.Model):
    """A row of the database engine's index; its token streams lie in a table of the engine's own under the same id."""

    kind = models.CharField(max_length=20)
    record_id = models.PositiveBigIntegerField()
    title = models.TextField()
    body = models.TextField()
    date = models.DateField()
    digest = models.CharField(max_length=32)
    estate = models.CharField(max_length=20, blank=True)
    month = models.CharField(max_length=7, blank=True)
    department = models.CharField(max_length=40, blank=True)
    discipline = models.CharField(max_length=20, blank=True)
    category = models.CharField(max_length=40, blank=True)
    stage = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=20, blank=True)

    class Meta:
        verbose_name = "索引文档"
        constraints = [models.UniqueConstraint(fields=["kind", "record_id"], name="document_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}"


class DocumentMeaning(models.Model):
    """A record's text as a vector (see `search.meaning.encoder`). Gone as soon as the text is another."""

    kind = models.CharField(max_length=20)
    record_id = models.PositiveBigIntegerField()
    model = models.CharField(max_length=60)
    digest = models.CharField(max_length=32)
    """Of the normalised text that was read."""
    vector = models.BinaryField()

    class Meta:
        verbose_name = "记录的意思"
        constraints = [models.UniqueConstraint(fields=["kind", "record_id"], name="meaning_once")]
        indexes = [models.Index(fields=["model", "id"], name="meaning_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}"


class EncodingState(models.Model):
    """One row: how the encoding of records goes."""

    queued = models.BooleanField(default=False)
    """A task waits, or runs."""
    leased_until = models.DateTimeField(null=True)
    per_second = models.FloatField(default=0)
    """Records in a second, as the last slice of work went."""

    class Meta:
        verbose_name = "意思编码状态"

    def __str__(self) -> str:
        return f"{self.per_second:.1f}"


class OutboxEntry(models.Model):
    """A record whose document changed and has to reach Elasticsearch. Its id is the version of that state."""

    kind = models.CharField(max_length=20)
    record_id = models.PositiveBigIntegerField()
    replaces = models.BooleanField()
    """Something else was findable before: until it is delivered, the database engine answers."""
    queued_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "待送索引"
        indexes = [models.Index(fields=["replaces"], name="outbox_replaces")]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}"


class FeedState(models.Model):
    """One row: how the delivery to Elasticsearch goes."""

    failures = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    rebuilding_until = models.DateTimeField(null=True)
    """While a new index is filled nothing is delivered: entries wait for it. Renewed as long as the rebuild lives."""

    class Meta:
        verbose_name = "索引送达状态"

    def __str__(self) -> str:
        return self.error or "ok"

    @property
    def is_rebuilding(self) -> bool:
        return self.rebuilding_until is not None and self.rebuilding_until > timezone.now()


class SynonymGroup(models.Model):
    """Words that mean the same to this company: who searches for one finds records with any."""

    words = models.CharField(_("同义词"), max_length=400)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("同义词组")
        verbose_name_plural = _("同义词组")
        ordering = ("words",)

    def __str__(self) -> str:
        return self.words


class FailedQuery(models.Model):
    """A query that found nothing, counted by the week (`week` is its Monday), without who asked it."""

    text = models.CharField(_("查询"), max_length=60)
    week = models.DateField(_("哪一周"))
    times = models.PositiveIntegerField(_("次数"), default=1)
    last_at = models.DateTimeField(_("最近一次"), auto_now=True)

    class Meta:
        verbose_name = _("没有结果的查询")
        verbose_name_plural = _("没有结果的查询")
        ordering = ("-week", "-times", "-last_at")
        constraints = [models.UniqueConstraint(fields=["text", "week"], name="failed_once_a_week")]

    def __str__(self) -> str:
        return self.text


class FailedList(models.Model):
    """The list of a week's failed queries was mailed to those who keep the words."""

    week = models.DateField(unique=True)
    sent_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "失败查询周报"

    def __str__(self) -> str:
        return self.week.isoformat()


class FoundAfterwards(models.Model):
    """After a query that found nothing somebody asked in other `words` and opened a record: how often, not who."""

    text = models.CharField(_("没有结果的查询"), max_length=60)
    words = models.CharField(_("后来查到的说法"), max_length=60)
    kind = models.CharField(max_length=20)
    record_id = models.PositiveBigIntegerField()
    times = models.PositiveIntegerField(_("次数"), default=1)
    last_at = models.DateTimeField(_("最近一次"), auto_now=True)

    class Meta:
        verbose_name = _("换了说法查到的")
        verbose_name_plural = _("换了说法查到的")
        ordering = ("-times", "-last_at")
        constraints = [
            models.UniqueConstraint(fields=["text", "words", "kind", "record_id"], name="found_afterwards_once")
        ]

    def __str__(self) -> str:
        return f"{self.text} → {self.words}"
