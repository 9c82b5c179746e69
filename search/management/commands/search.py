from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from search import index


class Command(BaseCommand):
    help = "Keep the search index: rebuild it, or say whether it is sound."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["rebuild", "health"])

    def handle(self, *args: object, **options: object) -> None:
        if options["action"] == "rebuild":
            self.stdout.write(f"{index.rebuild()} records indexed.")
        health = index.health()
        self.stdout.write(f"{health.engine}: {health.documents} documents, {'sound' if health.ok else 'NOT SOUND'}.")
