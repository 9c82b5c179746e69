from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from cms.backup import BackupError, load_dump, restore_backup
from vault.keyring import KeysMissing


class Command(BaseCommand):
    help = "Unpack a backup into a new folder and verify it; start the site from there with ANJUAN_VAR."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("backup", type=Path)
        parser.add_argument("--to", type=Path, required=True)
        parser.add_argument("--database", default="", help="an empty PostgreSQL database to load the dump into")

    def handle(self, *args: object, backup: Path, to: Path, database: str, **options: object) -> None:
        if not backup.is_file():
            raise CommandError(_("没有这个备份文件：%(path)s") % {"path": backup})
        try:
            manifest = restore_backup(backup, to)
            if database:
                load_dump(to, database)
        except (BackupError, KeysMissing) as error:
            raise CommandError(str(error)) from error
        told = {"files": len(manifest.members), "rows": sum(manifest.rows.values()), "path": to}
        self.stdout.write(_("已恢复到 %(path)s：%(files)d 个文件、%(rows)d 行，全部核对一致。") % told)
