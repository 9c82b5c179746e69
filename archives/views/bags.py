"""Dossiers as BagIt bags, out and in."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from archives.register import note
from archives.services.errors import DossierError
from archives.services.exporting import export_dossier
from archives.services.taking_bags import take_bag
from archives.views.documents import uploaded_file
from archives.views.doors import dossier_or_404, private, reader_of
from estates.access import reach_of
from estates.requests import person
from estates.roles import Role
from exchange.uploads import uploads_in_memory
from vault.models.access import Act


@require_POST
@private
def export(request: HttpRequest, key: str) -> HttpResponseBase:
    found, reader = dossier_or_404(request, key), reader_of(request)
    try:
        bag = export_dossier(reader=reader, dossier=found, purpose=request.POST.get("purpose", ""))
    except PermissionDenied:
        note(reader, Act.REFUSED, found)
        raise
    except DossierError as error:
        messages.error(request, str(error))
        return redirect(found)
    response = HttpResponse(bag, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{found.number}.zip"'
    return response


def _refuse_others(request: HttpRequest) -> None:
    if not reach_of(person(request), {Role.ARCHIVIST}):
        raise PermissionDenied(_("BagIt 包由档案管理员导入。"))


@uploads_in_memory(_refuse_others)
@require_http_methods(["GET", "POST"])
@private
def take(request: HttpRequest) -> HttpResponseBase:
    _refuse_others(request)
    problem = ""
    if request.method == "POST":
        try:
            made = take_bag(reader=reader_of(request), content=uploaded_file(request).read())
        except DossierError as error:
            problem = str(error)
        else:
            messages.success(request, _("已导入，编号 %(number)s。") % {"number": made.number})
            return redirect(made)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return render(request, "archives/take_bag.html", {"problem": problem}, status=status)
