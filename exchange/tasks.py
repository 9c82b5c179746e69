"""Imports go on in the worker: a request only sends the file in, and says what shall be done."""

from __future__ import annotations

from django_tasks import task

from exchange.importing import go_on
from exchange.models import ImportBatch


@task()
def run_import(pk: int) -> None:
    """Do what the batch's state says is under way."""
    go_on(ImportBatch.objects.get(pk=pk))
