from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from vault.data_keys import count_keys
from vault.fingerprints import KeysUnusable, declare_lost
from vault.keyring import all_fingerprints, forget_keys
from vault.site_keys import check_site_keys
from vault.subjects import without_usable_key


class Command(BaseCommand):
    help = "Compare the keys with the database, and name whose data cannot be read with them, by number."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--accept-loss", action="store_true", help="keys that are gone for good are no longer asked for"
        )

    def handle(self, *args: object, **options: object) -> None:
        try:
            if options["accept_loss"]:
                count = declare_lost(all_fingerprints())
                forget_keys()
                self.stdout.write(_("已声明 %(n)d 个密钥遗失：只有它们能打开的内容不能再读出。") % {"n": count})
            check_site_keys()
            lost = without_usable_key()
        except KeysUnusable as error:
            raise CommandError(str(error)) from error
        for name in lost:
            self.stdout.write(name)
        if lost:
            raise CommandError(
                _("%(n)d 份内容没有能用的密钥（上面按编号列出）。请从更新的密钥副本恢复密钥文件夹。") % {"n": len(lost)}
            )
        self.stdout.write(_("密钥和数据库相符：%(n)d 个数据密钥，没有缺少的。") % {"n": count_keys()})
