"""The admin as this product needs it: the company's own lists, no help that leads outside."""

from __future__ import annotations

from django.db.models import Model
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.views.home import LockedPagesPanel, RecentEditsPanel
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import LogActionRegistry
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from cms.admin_home import OpenLockedPages, OpenRecentEdits
from estates.choosers import OwnChooserViewSet
from estates.groups import derive_groups
from estates.models import Assignment, CalendarDay, Department, Estate, Phase, Unit, User

HIDDEN_MENU = {"help", "images", "documents"}


@hooks.register("construct_main_menu")
def only_what_is_used(request: HttpRequest, items: list[MenuItem]) -> None:
    items[:] = [item for item in items if item.name not in HIDDEN_MENU]


@hooks.register("construct_settings_menu")
def only_settings_that_are_used(request: HttpRequest, items: list[MenuItem]) -> None:
    items[:] = [item for item in items if item.name != "collections"]


@hooks.register("construct_reports_menu")
def only_reports_that_are_scoped(request: HttpRequest, items: list[MenuItem]) -> None:
    items[:] = [item for item in items if item.name != "page-types-usage"]


@hooks.register("construct_homepage_summary_items", order=100)
def no_totals_of_other_peoples_pages(request: HttpRequest, items: list[Component]) -> None:
    items.clear()


@hooks.register("construct_homepage_panels")
def only_pages_that_open(request: HttpRequest, panels: list[Component]) -> None:
    kept: dict[type[Component], type[Component]] = {
        RecentEditsPanel: OpenRecentEdits,
        LockedPagesPanel: OpenLockedPages,
    }
    panels[:] = [kept[type(panel)]() if type(panel) in kept else panel for panel in panels]


@hooks.register("register_admin_menu_item")
def workbench_menu_item() -> MenuItem:
    return MenuItem(_("工作台"), reverse("home"), icon_name="home", order=1)


@hooks.register("insert_global_admin_js")
def token_of_another_tab() -> str:
    """A save goes through after its reader signed in again elsewhere."""
    return format_html('<script src="{}" type="module"></script>', static("cms/fresh-token.js"))


class EstateViewSet(SnippetViewSet):
    model = Estate
    chooser_viewset_class = OwnChooserViewSet
    list_display = ["name", "code", "city", "stage"]


class PhaseViewSet(SnippetViewSet):
    model = Phase
    chooser_viewset_class = OwnChooserViewSet
    list_display = ["name", "estate"]


class UnitViewSet(SnippetViewSet):
    model = Unit
    chooser_viewset_class = OwnChooserViewSet
    list_display = ["code", "estate", "unit_type", "area", "is_registered"]
    list_filter = ["estate", "is_registered"]


class DepartmentViewSet(SnippetViewSet):
    model = Department
    chooser_viewset_class = OwnChooserViewSet
    list_display = ["name", "kind"]


class AssignmentViewSet(SnippetViewSet):
    model = Assignment
    chooser_viewset_class = OwnChooserViewSet
    list_display = ["user", "role", "department", "estate"]
    list_filter = ["role", "department", "estate"]


class CalendarDayViewSet(SnippetViewSet):
    model = CalendarDay
    chooser_viewset_class = OwnChooserViewSet
    list_display = ["date", "is_workday", "note"]


class CompanyViewSetGroup(SnippetViewSetGroup):
    """Company data; Django's model permissions decide, which only superusers hold unless given."""

    menu_label = _("公司资料")
    menu_icon = "list-ul"
    menu_order = 150
    items = (EstateViewSet, PhaseViewSet, UnitViewSet, DepartmentViewSet, AssignmentViewSet, CalendarDayViewSet)


register_snippet(CompanyViewSetGroup)


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    actions.register_action("accounts.password_set", _("设置密码"), _("本人已设置密码"))
    actions.register_action("accounts.link_issued", _("发出一次性链接"), _("已发出一次性链接"))
    actions.register_action("accounts.deactivated", _("停用账号"), _("账号已停用"))


@hooks.register("register_user_listing_buttons")
def one_time_link_button(user: User, request_user: User) -> list[Button]:
    if not (request_user.is_superuser and user.is_active):
        return []
    return [Button(_("一次性链接"), reverse("password-link", args=[user.pk]), icon_name="key", priority=30)]


@hooks.register("after_create_snippet")
@hooks.register("after_edit_snippet")
def derive_after_change(request: HttpRequest, instance: Model) -> None:
    if isinstance(instance, Assignment):
        derive_groups()


@hooks.register("after_delete_snippet")
def derive_after_deletion(request: HttpRequest, instances: list[Model]) -> None:
    if any(isinstance(instance, Assignment) for instance in instances):
        derive_groups()
