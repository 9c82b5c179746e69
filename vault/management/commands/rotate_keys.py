from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from vault.data_keys import count_keys, wrap_again
from vault.fingerprints import KeysUnusable, record_fingerprints
from vault.keyring import ROTATED, Purpose, all_fingerprints, rotate


class Command(BaseCommand):
    help = "Make a new master key and wrap every data key with it. Cut off, it goes on when run again with --resume."

    def add_arguments(self, parser) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        parser.add_argument("--resume", action="store_true", help="make no new key, only wrap again")

        parser.add_argument("--purpose", choices=sorted(ROTATED), default=Purpose.SEAL, help="which master key")

    def handle(self, *args: object, purpose: str, **options: object) -> None:
        try:
            if not options["resume"]:
                rotate(Purpose(purpose))
                record_fingerprints(all_fingerprints())
            if purpose != Purpose.SEAL:
                self.stdout.write(_("已换新的密钥；旧的仍能打开它封存的内容。"))
                return
            with tqdm(total=count_keys(), disable=None, file=self.stderr._out) as bar:
                for done in wrap_again():
                    bar.update(done - bar.n)
        except KeysUnusable as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_("已用新的主密钥重新包裹 %(n)d 个数据密钥。") % {"n": count_keys()})
