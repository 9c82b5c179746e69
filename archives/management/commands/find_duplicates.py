from __future__ import annotations

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from archives.duplicates import propose_duplicates


class Command(BaseCommand):
    help = "Propose customers who may be one, for archivists to decide. For cron, daily."

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(_("有 %(n)d 组客户可能重复") % {"n": propose_duplicates()})
