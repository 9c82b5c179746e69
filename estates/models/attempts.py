from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

KEPT = timedelta(days=2)


class Attempt(models.Model):
    """Somebody tried something that may be tried a few times only. `subject` says of whom or from where, unreadably."""

    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["kind", "subject", "at"], name="attempt_subject")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at}"


def attempted_too_often(kind: str, subject: str, *, most: int, within: timedelta) -> bool:
    """Count this attempt; True when there were `most` before it. Old ones are forgotten."""
    named = salted_hmac(f"attempt:{kind}", subject.strip().casefold()).hexdigest()[:64]
    now = timezone.now()
    Attempt.objects.filter(at__lt=now - KEPT).delete()
    before = Attempt.objects.filter(kind=kind, subject=named, at__gt=now - within).count()
    if before < most:
        Attempt.objects.create(kind=kind, subject=named, at=now)
    return before >= most
