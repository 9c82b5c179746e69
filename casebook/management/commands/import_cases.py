from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from casebook.services.importing import import_cases
from estates.models import User

SHOWN_ERRORS = 50
ENCODING = "utf-8-sig"
"""With or without the mark. Lines end by CR, LF or both, and by nothing else."""


class Command(BaseCommand):
    help = "Import cases from JSON lines (id, time, title, text, reply; estate and estate_name if known)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="check every line, write nothing")
        parser.add_argument("--by", metavar="USERNAME", help="who files them, for the log")

    def handle(self, *args: object, **options: object) -> None:
        file, username = Path(str(options["file"])), options["by"]
        by = User.objects.filter(username=username).first()
        if username and by is None:
            raise CommandError(_("没有用户 %(name)s。") % {"name": username})
        dry_run = bool(options["dry_run"])
        try:
            count = _count_lines(file)
            with (
                file.open(encoding=ENCODING) as lines,
                tqdm(total=count, unit="", disable=None, file=self.stderr._out) as bar,
            ):
                report = import_cases(lines, by=by, dry_run=dry_run, progress=bar.update)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(_("读不了 %(file)s：应是 UTF-8 编码的文本文件。") % {"file": file.name}) from error
        for error_text in report.errors[:SHOWN_ERRORS]:
            self.stderr.write(error_text)
        self.stdout.write(
            _("新建 %(filed)d，已有 %(known)d，与住房无关 %(foreign)d，隐去电话或证件号 %(masked)d，出错 %(errors)d。")
            % {**vars(report), "errors": len(report.errors)}
        )
        if dry_run:
            self.stdout.write(_("这是试运行，没有写入。"))
        if report.errors:
            raise CommandError(_("%(errors)d 行没有导入。") % {"errors": len(report.errors)})


def _count_lines(file: Path) -> int:
    """Read to its end, so that a file that is no text is known before anything is written."""
    with file.open(encoding=ENCODING) as lines:
        return sum(1 for _line in lines)
