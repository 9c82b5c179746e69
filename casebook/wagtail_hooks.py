"""Wagtail's hooks, each a line that calls the rule."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.action_menu import ActionMenuItem
from wagtail.admin.menu import MenuItem
from wagtail.log_actions import LogActionRegistry
from wagtail.models import Page
from wagtail.permissions import policy_registry

from casebook import policies
from casebook.models import CasePage
from casebook.services.editor_sessions import SEEN, remember_autosave, stale_in_editor
from casebook.services.errors import CaseError, NotComplete
from casebook.services.submitting import submit_case
from casebook.vocabulary import Library
from estates.access import reach_of
from estates.requests import person

SUBMIT = "action-submit-case"


@hooks.register("construct_page_chooser_queryset")
def only_explorable_pages(pages: QuerySet[Page], request: HttpRequest) -> QuerySet[Page]:
    explorable = policy_registry.get_by_type(Page).explorable_instances(request.user)
    return pages.filter(pk__in=explorable.values("pk"))


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    actions.register_action("casebook.withdraw", _("撤回"), _("已从读者处撤回"))
    actions.register_action("casebook.place", _("更正位置"), _("已更正位置"))
    actions.register_action("casebook.export", _("导出"), _("已导出查询结果"))
    actions.register_action("casebook.project", _("建立新项目"), _("已建立新项目"))
    actions.register_action("casebook.project_changed", _("修改新项目"), _("已修改新项目"))
    actions.register_action("casebook.pack_built", _("建审查包"), _("已建审查包"))
    actions.register_action("casebook.pack_discarded", _("删除审查包"), _("已删除准备中的审查包"))
    actions.register_action("casebook.pack_handed_over", _("交出审查"), _("审查包已交出"))
    actions.register_action("casebook.pack_signed", _("签认"), _("审查包已签认"))
    actions.register_action("casebook.condition_met", _("确认附带条件"), _("附带条件已确认完成"))
    actions.register_action("casebook.stage_closed", _("结束阶段"), _("项目阶段已结束"))
    actions.register_action("casebook.round_started", _("开下一轮审查"), _("已开下一轮审查"))
    actions.register_action("casebook.link_made", _("发出外部链接"), _("已发出外部链接"))
    actions.register_action("casebook.link_revoked", _("收回外部链接"), _("已收回外部链接"))
    actions.register_action("casebook.recurrence", _("关联复发"), _("已关联复发"))
    actions.register_action("casebook.recurrence_undone", _("取消复发关联"), _("已取消复发关联"))
    actions.register_action("casebook.lesson_reviewed", _("复核经验"), _("经验已复核"))
    actions.register_action("casebook.adopted", _("采纳经验"), _("部门已处理经验"))
    actions.register_action("casebook.void", _("作废"), _("编号已作废"))


@hooks.register("register_admin_menu_item")
def new_case_menu_item() -> MenuItem:
    return NewCaseMenuItem(_("新建案例"), reverse("casebook:file"), icon_name="plus-inverse", order=90)


class NewCaseMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(reach_of(request.user, policies.FILING_ROLES))


class SubmitCaseItem(ActionMenuItem):
    """*Submit* in the editor: saves the form, then calls the one way into review."""

    label = _("提交审核")
    name = SUBMIT
    icon_name = "resubmit"

    def is_shown(self, context: dict[str, object]) -> bool:
        return context["view"] == "edit" and isinstance(context["page"], CasePage) and not context["locked_for_user"]


@hooks.register("register_page_action_menu_item")
def submit_case_item() -> ActionMenuItem:
    return SubmitCaseItem(order=5)


@hooks.register("before_edit_page")
def refuse_stale_form(request: HttpRequest, page: Page) -> HttpResponse | None:
    """An explicit save over somebody else's is refused by the form, which keeps what was typed. Autosave answers for
    itself, and rests while a refusal is on the screen."""
    if request.method != "POST" or not isinstance(page, CasePage):
        return None
    if not request.accepts("text/html"):
        if SEEN not in request.POST:
            return None
        told = {"success": False, "error_code": "invalid_revision", "error_message": _("请对照后手动保存。")}
        return JsonResponse(told, status=HTTPStatus.BAD_REQUEST)
    page.stale_edit = stale_in_editor(page, person(request), request.POST, request.session)
    return None


@hooks.register("after_edit_page")
def submit_after_save(request: HttpRequest, page: Page) -> HttpResponse | None:
    if not isinstance(page, CasePage):
        return None
    if not request.accepts("text/html"):
        remember_autosave(request.session, page, request.POST)
        return None
    if SUBMIT not in request.POST:
        return None
    try:
        case = submit_case(case=page, by=person(request))
    except NotComplete as error:
        gaps = format_html_join("；", '<a href="#{}">{}</a>', ((_anchor(gap.field), gap.message) for gap in error.gaps))
        told = format_html(str(_("还差 {count} 项，补齐后即可提交：{gaps}")), count=len(error.gaps), gaps=gaps)
        messages.error(request, told, extra_tags="safe")
        return HttpResponseRedirect(reverse("wagtailadmin_pages:edit", args=[page.pk]))
    except (CaseError, PermissionDenied) as error:
        messages.error(request, str(error) or _("您没有权限提交这份案例。"))
        return HttpResponseRedirect(reverse("wagtailadmin_pages:edit", args=[page.pk]))
    messages.success(request, _("已提交，编号 %(number)s。") % {"number": case.number})
    return HttpResponseRedirect(case.get_absolute_url())


def _anchor(field: str) -> str:
    """Where the editor's page has the field that a gap is about."""
    return f"id_{Library.DESIGN.value if field == 'libraries' else field}"


@hooks.register("insert_global_admin_css")
def admin_css() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("casebook/admin.css"))
