from __future__ import annotations

from django.db import models


class IndexedDocument(models.Model):
    """A row of the embedded index; the full-text table `search_fts` has the same row id."""

    kind = models.CharField(max_length=20)
    record_id = models.PositiveBigIntegerField()
    title = models.TextField()
    body = models.TextField()
    date = models.DateField()
    estate = models.CharField(max_length=20, blank=True)
    month = models.CharField(max_length=7, blank=True)
    department = models.CharField(max_length=40, blank=True)
    category = models.CharField(max_length=40, blank=True)
    stage = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=20, blank=True)

    class Meta:
        verbose_name = "索引文档"
        constraints = [models.UniqueConstraint(fields=["kind", "record_id"], name="document_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}"
