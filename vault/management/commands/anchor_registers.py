from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from vault.fingerprints import KeysUnusable
from vault.register import anchor_file, write_anchor


class Command(BaseCommand):
    help = "Add the register's present end to the anchor file, kept apart. For a daily timer."

    def handle(self, *args: object, **options: object) -> None:
        try:
            anchor = write_anchor()
        except KeysUnusable as error:
            raise CommandError(str(error)) from error
        if anchor is None:
            self.stdout.write(_("登记册还是空的，没有存证。"))
        else:
            self.stdout.write(f"{anchor_file()}: {anchor.day} {anchor.sequence}")
