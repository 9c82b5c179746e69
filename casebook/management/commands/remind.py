from __future__ import annotations

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from casebook.services.reminding import remind_overdue, remind_overdue_packs


class Command(BaseCommand):
    help = "Mail the reviewers of overdue cases and the respondents of overdue packs, once. For a daily timer."

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(_("已催办 %(count)d 件。") % {"count": remind_overdue() + remind_overdue_packs()})
