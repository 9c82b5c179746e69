"""Periodic acts of the site as a whole, one line each."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from running.acts import Act, Daily, by_command, register_act


def no_backup() -> str:
    return "" if settings.BACKUP_FOLDER else gettext("没有设置 BACKUP_FOLDER，不会自动备份。")


def backup() -> None:
    by_command("backup", settings.BACKUP_FOLDER)()


register_act(Act("clear_sessions", _("清除过期的登录"), by_command("clearsessions"), Daily(4, 0), ("clearsessions",)))
register_act(Act("backup", _("备份"), backup, Daily(settings.BACKUP_HOUR, 30), ("backup",), no_backup))
