"""`manage.py magazine_daily`: for a daily timer. Digests of new lessons, and unconfirmed addresses forgotten."""

from __future__ import annotations

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from magazine.services.digesting import send_digests
from magazine.services.subscribing import forget_unconfirmed


class Command(BaseCommand):
    help = "Prepare the digests that are due (the postman sends them); forget addresses that nobody confirmed."

    def handle(self, *args: object, **options: object) -> None:
        told = {"digests": send_digests(), "forgotten": forget_unconfirmed()}
        self.stdout.write(_("新经验简报 %(digests)d 份；未确认的邮箱删除 %(forgotten)d 个。") % told)
