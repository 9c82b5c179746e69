from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from cms.backup import restore_backup
from cms.database_copy import BackupError, load_dump
from vault.fingerprints import KeysUnusable


class Command(BaseCommand):
    help = "Unpack a backup into a new folder and verify it; start the site from there with ANJUAN_VAR."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("backup", type=Path)
        parser.add_argument("--to", type=Path, required=True)
        parser.add_argument("--key-copy", type=Path, help="the copy of the keys that belongs to the backup")
        parser.add_argument("--accept-missing-keys", action="store_true", help="restore what can never be read, too")
        parser.add_argument("--database", default="", help="an empty PostgreSQL database to load the dump into")

    def handle(self, *args: object, backup: Path, to: Path, database: str, **options: object) -> None:
        copy = options.get("key_copy")
        if isinstance(copy, Path) and not copy.is_file():
            raise CommandError(_("没有这个密钥副本：%(path)s") % {"path": copy})
        if not backup.is_file():
            raise CommandError(_("没有这个备份文件：%(path)s") % {"path": backup})
        try:
            manifest = restore_backup(
                backup,
                to,
                key_copy=copy if isinstance(copy, Path) else None,
                accept_missing_keys=bool(options["accept_missing_keys"]),
            )
            if database:
                load_dump(to, database)
        except (BackupError, KeysUnusable) as error:
            raise CommandError(str(error)) from error
        told = {"files": len(manifest.members), "rows": sum(manifest.rows.values()), "path": to}
        self.stdout.write(_("已恢复到 %(path)s：%(files)d 个文件、%(rows)d 行，全部核对一致。") % told)
