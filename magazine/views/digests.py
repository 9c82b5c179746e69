"""How often a colleague wants the digest of new lessons, and of which trades."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from estates.requests import person
from magazine import policies
from magazine.forms import DigestForm
from magazine.models import DigestWish


@require_http_methods(["GET", "HEAD", "POST"])
def digest_wish(request: HttpRequest) -> HttpResponseBase:
    user = person(request)
    if not policies.may_get_digests(user):
        raise PermissionDenied(_("新经验简报寄给设计和工程的同事。"))
    wish = DigestWish.objects.filter(user=user).first() or DigestWish(user=user)
    form = DigestForm(request.POST if request.method == "POST" else None, instance=wish, label_suffix="")
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("已保存。"))
        return redirect("magazine:digest")
    return _shown(request, form)


def _shown(request: HttpRequest, form: DigestForm) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "magazine/digest.html", {"form": form}, status=status)
