from __future__ import annotations

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from casebook.models import Cadence
from casebook.services.alerting import find_news, mail_alerts
from casebook.services.reminding import mail_failed_list, remind_overdue, remind_overdue_packs


class Command(BaseCommand):
    help = "Mail reviewers of overdue cases and respondents of overdue packs, once; daily alerts. For a daily timer."

    def handle(self, *args: object, **options: object) -> None:
        mail_failed_list()
        find_news()
        self.stdout.write(_("已发 %(count)d 封新案例提醒。") % {"count": mail_alerts(Cadence.DAILY)})
        self.stdout.write(_("已催办 %(count)d 件。") % {"count": remind_overdue() + remind_overdue_packs()})
