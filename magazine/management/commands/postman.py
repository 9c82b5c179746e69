"""`manage.py postman`: sends what is due, until it is stopped. Several may run; each mailing has one at a time."""

from __future__ import annotations

import time
from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils.translation import gettext as _

from magazine.carriers import carrier
from magazine.services.sending import send_due

LOOK_EVERY = 2.0
LONGEST_REST = 60.0


class Command(BaseCommand):
    help = "Send the mailings that are approved and due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="Stop when nothing is left to send.")

    def handle(self, *args: object, **options: object) -> None:
        while True:
            close_old_connections()
            rest = self._round()
            if options["once"] and rest is None:
                return
            time.sleep(min(rest or LOOK_EVERY, LONGEST_REST))

    def _round(self) -> float | None:
        """Seconds until there is something to do for a mailing under way; None when none is."""
        rests = []
        with carrier() as line:
            for mailing, round_ in send_due(line):
                if round_.ends:
                    told = ", ".join(f"{end} {count}" for end, count in sorted(round_.ends.items()))
                    self.stdout.write(_("发送 %(pk)d：%(told)s") % {"pk": mailing.pk, "told": told})
                if round_.rest:
                    rests.append(round_.rest.total_seconds())
        return min(rests, default=None)
