from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from cms.backup import BackupError, make_backup
from vault.keyring import KeysMissing
from vault.register import write_anchor


class Command(BaseCommand):
    help = "Write database, files and register anchors into one encrypted file. The keys are not in it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: object, folder: Path, **options: object) -> None:
        try:
            write_anchor()
            made = make_backup(folder)
        except (BackupError, KeysMissing) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_("已备份到 %(path)s。密钥不在里面：请另外保管密钥文件夹。") % {"path": made})
