from __future__ import annotations

from django.db import models


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
    category = models.CharField(max_length=40, blank=True)
    stage = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=20, blank=True)

    class Meta:
        verbose_name = "索引文档"
        constraints = [models.UniqueConstraint(fields=["kind", "record_id"], name="document_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}"
