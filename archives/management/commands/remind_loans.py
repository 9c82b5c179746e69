from __future__ import annotations

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from archives.services.reminding import remind_of_loans


class Command(BaseCommand):
    help = "Mail borrowers of overdue loans, then archivists, then managers and directors; once a rung."

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(_("已发 %(n)d 封催还邮件") % {"n": remind_of_loans()})
