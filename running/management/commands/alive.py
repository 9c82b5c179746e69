"""`manage.py alive worker`: whether that process runs on this machine; for the health checks of containers."""

from __future__ import annotations

import socket
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from running.heartbeats import FEED, PROCESSES, alive


class Command(BaseCommand):
    help = "Exit 0 when a process of this kind gave a sign of life on this machine in the last minute."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=[*PROCESSES, FEED])

    def handle(self, *args: object, **options: object) -> None:
        kind = str(options["kind"])
        if not alive(host=socket.gethostname()[:80]).get(kind):
            raise CommandError(f"{kind} gives no sign of life")
