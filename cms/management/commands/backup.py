from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from cms.backup import make_backup
from cms.database_copy import BackupError
from vault.fingerprints import KeysUnusable
from vault.key_copies import SUFFIX, copies_folder
from vault.register import write_anchor


class Command(BaseCommand):
    help = "Write database, files and register anchors into one encrypted file. A copy of the keys goes apart."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: object, folder: Path, **options: object) -> None:
        try:
            write_anchor()
            made = make_backup(folder)
        except (BackupError, KeysUnusable) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            _("已备份到 %(path)s；属于它的密钥副本在 %(copy)s，请分开保管。")
            % {"path": made, "copy": copies_folder() / f"{made.stem}{SUFFIX}"}
        )
