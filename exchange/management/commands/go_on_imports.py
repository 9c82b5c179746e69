from __future__ import annotations

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from exchange.importing import forget_rows, go_on
from exchange.models import ImportBatch

State = ImportBatch.State
UNDER_WAY = (State.READING, State.CHECKING, State.WRITING, State.UNDOING)


class Command(BaseCommand):
    help = "Bring imports that were cut off to their end, and destroy the keys of rows kept long enough. For cron."

    def handle(self, *args: object, **options: object) -> None:
        batches = list(ImportBatch.objects.filter(state__in=UNDER_WAY).order_by("pk"))
        for batch in batches:
            go_on(batch)
        named = {"batches": len(batches), "forgotten": forget_rows()}
        self.stdout.write(_("继续了 %(batches)d 个批次，销毁了 %(forgotten)d 个批次的原表。") % named)
