from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from vault.fingerprints import KeysUnusable
from vault.site_keys import make_site_keys


class Command(BaseCommand):
    help = "Make the keys of a new site, in ANJUAN_KEYS. Refused where the database's data are encrypted with others."

    def handle(self, *args: object, **options: object) -> None:
        try:
            made = make_site_keys()
        except KeysUnusable as error:
            raise CommandError(str(error)) from error
        for path in made:
            self.stdout.write(str(path))
        if not made:
            self.stdout.write(_("密钥已经都在，没有改动。"))
