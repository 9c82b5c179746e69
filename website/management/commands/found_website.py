"""`manage.py found_website`: the first page of the public website, with its review and the writers' permissions."""

from __future__ import annotations

from django.core.management.base import BaseCommand

from website.services.founding import found_website


class Command(BaseCommand):
    help = "Make the first page of the public website, if it is not there."

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(str(found_website().full_url))
