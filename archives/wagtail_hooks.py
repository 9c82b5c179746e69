"""The template and the gates' rules in the admin; versions in force are looked at, prepared ones changed."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from archives.models import GateRule, RetentionRule, TemplateVersion
from estates.choosers import OwnChooserViewSet


class TemplateVersionViewSet(SnippetViewSet):
    model = TemplateVersion
    chooser_viewset_class = OwnChooserViewSet
    list_display = ["__str__", "state", "note", "made_at"]
    add_to_reference_index = False


class GateRuleViewSet(SnippetViewSet):
    model = GateRule
    chooser_viewset_class = OwnChooserViewSet
    list_display = ["__str__", "document_kind", "customer_kind", "need", "estate", "is_active"]


class RetentionRuleViewSet(SnippetViewSet):
    model = RetentionRule
    chooser_viewset_class = OwnChooserViewSet
    list_display = ["__str__", "term", "trigger", "tenure_kind", "customer_kind", "is_active"]


class ArchiveViewSetGroup(SnippetViewSetGroup):
    menu_label = gettext_lazy("客户档案")
    menu_icon = "folder-open-inverse"
    menu_order = 160
    items = (TemplateVersionViewSet, GateRuleViewSet, RetentionRuleViewSet)


register_snippet(ArchiveViewSetGroup)


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    actions.register_action("archives.template_applied", gettext_lazy("启用档案模板"), gettext_lazy("档案模板已启用"))


@hooks.register("before_create_snippet")
def versions_are_prepared_as_copies(request: HttpRequest, model: type[Model]) -> HttpResponse | None:
    return HttpResponseRedirect(reverse("archives:templates")) if model is TemplateVersion else None


@hooks.register("before_edit_snippet")
def only_prepared_versions_change(request: HttpRequest, instance: Model) -> HttpResponse | None:
    if not isinstance(instance, TemplateVersion) or instance.state == TemplateVersion.State.PREPARED:
        return None
    messages.error(request, _("使用中和停用的模板不能修改。请准备一个新版本。"))
    return HttpResponseRedirect(reverse("archives:template", args=[instance.pk]))


@hooks.register("before_delete_snippet")
def versions_stay(request: HttpRequest, instances: list[Model]) -> HttpResponse | None:
    kept = [i for i in instances if isinstance(i, TemplateVersion) and i.state != TemplateVersion.State.PREPARED]
    if not kept:
        return None
    messages.error(request, _("用过的模板版本不能删除：档案保留着归档时的版本。"))
    return HttpResponseRedirect(reverse("archives:templates"))
