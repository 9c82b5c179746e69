from __future__ import annotations

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from casebook.services.clearing import clear_abandoned


class Command(BaseCommand):
    help = "Delete drafts never submitted and long untouched, with their files, and uploads that no case took."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=settings.DRAFTS_KEPT_DAYS)

    def handle(self, *args: object, **options: object) -> None:
        cleared = clear_abandoned(older_than_days=int(str(options["days"])))
        self.stdout.write(
            _("清除草稿 %(drafts)d 份，照片 %(photos)d 张。") % {"drafts": cleared.drafts, "photos": cleared.photos}
        )
