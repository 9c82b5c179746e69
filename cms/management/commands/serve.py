from __future__ import annotations

import signal
import sys

from django.core.management.base import BaseCommand, CommandParser

from cms.serving import serve


class Command(BaseCommand):
    help = "Serve the site where no proxy stands before it, until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--listen", default="127.0.0.1:8000", help="address and port")
        parser.add_argument("--threads", type=int, default=8)

    def handle(self, *args: object, **options: object) -> None:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        serve(str(options["listen"]), int(str(options["threads"])))
