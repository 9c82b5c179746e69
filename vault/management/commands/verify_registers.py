from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from vault.fingerprints import KeysUnusable
from vault.register import verify_register


class Command(BaseCommand):
    help = "Prove the access register whole, or name the first broken link."

    def handle(self, *args: object, **options: object) -> None:
        try:
            verdict = verify_register()
        except KeysUnusable as error:
            raise CommandError(str(error)) from error
        if verdict.broken:
            raise CommandError(_("登记册不完整：%(broken)s。") % {"broken": verdict.broken})
        self.stdout.write(_("登记册完整：%(n)d 行。") % {"n": verdict.lines})
