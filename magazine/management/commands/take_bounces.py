"""`manage.py take_bounces`: reads delivery reports, one from standard input or all of a Maildir folder."""

from __future__ import annotations

import mailbox
import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from magazine.bounces import LARGEST, read_bounce
from magazine.services.bouncing import note_bounce


class Command(BaseCommand):
    help = "Take in delivery reports and complaints: from standard input (a pipe of the mail server) or a Maildir."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--maildir", help="Read, and delete, every report of this Maildir; other mail stays.")

    def handle(self, *args: object, **options: object) -> None:
        if options["maildir"]:
            known, other = self._folder(str(options["maildir"]))
        else:
            taken = _take(sys.stdin.buffer.read(LARGEST))
            known, other = int(taken), int(not taken)
        self.stdout.write(_("退信和投诉 %(known)d 封，其他 %(other)d 封。") % {"known": known, "other": other})

    def _folder(self, path: str) -> tuple[int, int]:
        folder = mailbox.Maildir(path, create=False)
        known = 0
        for key in list(folder.keys()):
            if _take(folder.get_bytes(key)):
                folder.discard(key)
                known += 1
        return known, len(folder)


def _take(raw: bytes) -> bool:
    """False for mail that is no report of ours."""
    bounce = read_bounce(raw)
    return bounce is not None and note_bounce(bounce)
