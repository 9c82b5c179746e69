from __future__ import annotations

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from archives.services.disposing import finish_disposals, repeat_disposals


class Command(BaseCommand):
    help = (
        "Bring disposals that were cut off to their end; after an older backup was restored, remove again what the key "
        "store says was destroyed."
    )

    def handle(self, *args: object, **options: object) -> None:
        named = {"finished": finish_disposals(), "again": repeat_disposals()}
        self.stdout.write(_("续完 %(finished)d 份销毁；%(again)d 份在旧备份里又出现的档案已再次清除。") % named)
