from __future__ import annotations

import logging

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from estates.wording import enumeration
from exchange.importing import forget_rows, go_on
from exchange.models import ImportBatch

State = ImportBatch.State
UNDER_WAY = (State.READING, State.CHECKING, State.WRITING, State.UNDOING)

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Destroy the keys of rows kept long enough, and bring imports that were cut off to their end. For cron."

    def handle(self, *args: object, **options: object) -> None:
        forgotten = forget_rows()
        batches = list(ImportBatch.objects.filter(state__in=UNDER_WAY).order_by("pk"))
        broken = [batch.pk for batch in batches if not _went_on(batch)]
        named = {"batches": len(batches) - len(broken), "forgotten": forgotten}
        self.stdout.write(_("继续了 %(batches)d 个批次，销毁了 %(forgotten)d 个批次的原表。") % named)
        if broken:
            named_broken = {"batches": enumeration(str(pk) for pk in broken)}
            raise CommandError(_("这些导入批次没有继续下去：%(batches)s。") % named_broken)


def _went_on(batch: ImportBatch) -> bool:
    """False when it broke off: that is in the log, and the other batches have their turn."""
    try:
        go_on(batch)
    except Exception:
        logger.exception("import batch %d did not go on", batch.pk)
        return False
    return True
