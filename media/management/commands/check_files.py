from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from media.integrity import check_files, delete_orphans
from media.models import Photo

SHOWN = 50


class Command(BaseCommand):
    help = "Compare the stored files with the database: missing or altered originals, and files that no record names."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--delete-orphans", action="store_true", help="delete files that no record names")

    def handle(self, *args: object, **options: object) -> None:
        with tqdm(total=Photo.objects.count(), unit="", disable=None, file=self.stderr._out) as bar:
            findings = check_files(progress=bar.update)
        for words, paths in (
            (_("缺失"), findings.missing),
            (_("被改动"), findings.altered),
            (_("没有记录"), findings.orphans),
        ):
            for path in paths[:SHOWN]:
                self.stdout.write(f"{words} {path}")
        self.stdout.write(
            _("照片 %(checked)d 张：缺失 %(missing)d，被改动 %(altered)d；没有记录的文件 %(orphans)d。")
            % {
                "checked": findings.checked,
                "missing": len(findings.missing),
                "altered": len(findings.altered),
                "orphans": len(findings.orphans),
            }
        )
        if options["delete_orphans"]:
            self.stdout.write(_("已删除 %(count)d 个没有记录的文件。") % {"count": delete_orphans(findings)})
        if not findings.sound:
            raise CommandError(_("有原件缺失或被改动，请从备份恢复。"))
