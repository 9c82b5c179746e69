"""The template's versions: what is in force, what a prepared one would ask, and putting it in force."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from archives import policies
from archives.models import TemplateVersion
from archives.services.errors import DossierError
from archives.services.templating import apply_template, items_for_all, prepare_template, preview, problem_with
from archives.template import sections_of, template_in_force
from estates.requests import person

SHOWN = 200


@require_http_methods(["GET", "POST"])
def templates(request: HttpRequest) -> HttpResponseBase:
    """All versions; a POST prepares the next."""
    user = person(request)
    if not policies.may_change_template(user):
        raise PermissionDenied(_("档案模板由负责全部楼盘的档案管理员或客服经理维护。"))
    template_in_force()
    if request.method == "POST":
        return redirect("archives:template", prepare_template(by=user).pk)
    return render(request, "archives/templates.html", {"versions": TemplateVersion.objects.select_related("made_by")})


@require_http_methods(["GET", "POST"])
def template(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One version: its items; while it is prepared, what it changes and which dossiers would lack what."""
    user = person(request)
    if not policies.may_change_template(user):
        raise PermissionDenied(_("档案模板由负责全部楼盘的档案管理员或客服经理维护。"))
    version = get_object_or_404(TemplateVersion, pk=pk)
    if request.method == "POST":
        try:
            apply_template(by=user, version=version)
        except DossierError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("模板第 %(n)d 版已启用。") % {"n": version.number})
        return redirect("archives:template", version.pk)
    prepared = version.state == TemplateVersion.State.PREPARED
    context = {
        "version": version,
        "sections": sections_of(items_for_all(version)),
        "removals": version.removals.select_related("estate"),
        "preview": preview(version) if prepared else None,
        "problem": problem_with(version) if prepared else "",
        "shown": SHOWN,
    }
    return render(request, "archives/template.html", context)
