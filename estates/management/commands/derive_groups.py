from __future__ import annotations

from django.core.management.base import BaseCommand

from estates.groups import derive_groups


class Command(BaseCommand):
    help = "Derive Wagtail groups and page permissions from the assignments."

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(f"{derive_groups()} groups derived.")
