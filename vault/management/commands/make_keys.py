from __future__ import annotations

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from vault.keyring import make_keys


class Command(BaseCommand):
    help = "Make the master keys that are not there yet, in ANJUAN_KEYS. Keep a copy of that folder apart."

    def handle(self, *args: object, **options: object) -> None:
        made = make_keys()
        for path in made:
            self.stdout.write(str(path))
        if not made:
            self.stdout.write(_("密钥已经都在，没有改动。"))
