"""`manage.py tick`: runs each periodic act that is due, once; for cron, or with --forever as a process."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from types import FrameType

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from running.acts import acts
from running.heartbeats import beating
from running.loops import keep_trying
from running.ticking import Ended, run_due

LOOK_EVERY = 20.0


class Command(BaseCommand):
    help = "Run what is due: reminders, publishing, digests, anchors, backups and all else that is periodic."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--forever", action="store_true", help="go on until stopped")
        parser.add_argument("--act", default="", help="run this one, whether or not it is due")
        parser.add_argument("--list", action="store_true", help="only name the acts")

    def handle(self, *args: object, **options: object) -> None:
        only = str(options["act"])
        if options["list"]:
            for act in acts():
                self.stdout.write(f"{act.name}: {act.title}{act.lack() and f' ({act.lack()})'}")
        elif only and only not in {act.name for act in acts()}:
            raise CommandError(_("没有这个定时任务：%(name)s") % {"name": only})
        elif options["forever"]:
            self._go_on()
        else:
            failed = self._tell(run_due(only=only))
            if failed:
                raise CommandError(_("没有成功：%(names)s") % {"names": ", ".join(failed)})

    def _go_on(self) -> None:
        over = threading.Event()

        def stop(number: int, frame: FrameType | None) -> None:
            over.set()

        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, stop)
        with beating("tick"):
            while not over.is_set():
                self._tell(keep_trying("tick", run_due, sleep=over.wait))
                over.wait(LOOK_EVERY)

    def _tell(self, ended: list[Ended]) -> list[str]:
        """Names of those that failed."""
        for one in ended:
            self.stdout.write(f"{one.name}: {one.trouble or 'ok'}")
        return [one.name for one in ended if one.trouble]
