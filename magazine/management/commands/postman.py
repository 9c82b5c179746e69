"""`manage.py postman`: sends every mail, single ones and mailings, until it is stopped. Several may run; each mailing
has one at a time, each single mail too."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Mapping

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils.translation import gettext as _

from magazine.services.sending import send_due
from outputs.carriers import Carrier, carrier
from outputs.outgoing.sending import send_outgoing
from running.heartbeats import beating
from running.loops import keep_trying

LOOK_EVERY = 2.0
"""Seconds; a single mail waits no longer, even while a mailing to thousands is under way."""

LONGEST_REST = 60.0


class Command(BaseCommand):
    help = "Send the mail that is queued, and the mailings that are approved and due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="Stop when nothing is left to send.")

    def handle(self, *args: object, **options: object) -> None:
        self.single_mail_at = self.mailings_at = 0.0
        if options["once"]:
            while self._look():
                time.sleep(LOOK_EVERY)
            return
        with beating("postman"):
            while True:
                keep_trying("postman", self._look)
                time.sleep(LOOK_EVERY)

    def _look(self) -> bool:
        """Send what can be sent now. Is there more?"""
        close_old_connections()
        with carrier() as line:
            return any([self._single_mail(line), self._mailings(line)])

    def _single_mail(self, line: Carrier) -> bool:
        """Is there more, now or later?"""
        if time.monotonic() < self.single_mail_at:
            return True
        turn = send_outgoing(line)
        self.single_mail_at = time.monotonic() + (settings.MAIL_RETRY_SECONDS if turn.is_held_up else 0)
        self._tell(_("单封邮件"), turn.ends)
        return turn.is_more

    def _mailings(self, line: Carrier) -> bool:
        """Is there more, now or later?"""
        if time.monotonic() < self.mailings_at:
            return True
        rests = []
        for mailing, round_ in send_due(line, lambda: self._between(line)):
            self._tell(_("发送 %(pk)d") % {"pk": mailing.pk}, round_.ends)
            if round_.rest:
                rests.append(round_.rest.total_seconds())
        self.mailings_at = time.monotonic() + min([*rests, LONGEST_REST]) if rests else 0.0
        return bool(rests)

    def _between(self, line: Carrier) -> None:
        """Two mails of a mailing: single mail goes first."""
        if time.monotonic() >= self.single_mail_at:
            self._single_mail(line)
            self.single_mail_at = max(self.single_mail_at, time.monotonic() + LOOK_EVERY)

    def _tell(self, what: str, ends: Mapping[str, int]) -> None:
        if ends:
            told = ", ".join(f"{end} {count}" for end, count in sorted(ends.items()))
            self.stdout.write(f"{what}：{told}")
