"""Wagtail's hooks, each a line that calls the rule."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.log_actions import LogActionRegistry

from magazine import policies


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    actions.register_action("magazine.prepared", _("定稿"), _("已定稿，等待批准发送"))
    actions.register_action("magazine.approved", _("批准发送"), _("已批准发送"))
    actions.register_action("magazine.cancelled", _("取消发送"), _("已取消发送"))
    actions.register_action("magazine.paused", _("暂停发送"), _("已暂停发送"))
    actions.register_action("magazine.resumed", _("继续发送"), _("已继续发送"))
    actions.register_action("magazine.unknown_settled", _("处理不明"), _("结果不明的投递已处理"))
    actions.register_action("magazine.failures_resent", _("重发未送达"), _("未送达的已重新发送"))


@hooks.register("register_admin_menu_item")
def magazine_menu_item() -> MenuItem:
    return MagazineMenuItem(_("会刊"), reverse("magazine:issues"), icon_name="mail", order=95)


class MagazineMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return policies.may_make_issues(request.user)
