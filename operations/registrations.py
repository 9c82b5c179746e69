"""What this room adds to the registries of the others."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from operations.recovering import recover_tasks
from outputs.outgoing.settling import erase_old_mail
from running.acts import Act, Daily, Every, register_act

register_act(Act("recover_tasks", _("接续中断的后台任务"), recover_tasks, Every(1)))
register_act(Act("erase_old_mail", _("清除旧邮件"), erase_old_mail, Daily(3, 15)))
