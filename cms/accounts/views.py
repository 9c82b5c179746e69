"""Passwords: changed by who knows the old one, recovered by mail, or set by a link from an administrator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import PasswordResetConfirmView
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from cms.accounts.forms import ChangeForm, ForgottenForm, NewPasswordForm
from cms.accounts.links import tokens
from cms.accounts.services import ask_for_link, issue_link
from estates.models import User, attempted_too_often
from estates.requests import came_from, person

HOUR = timedelta(hours=1)
MOST_PER_ADDRESS, MOST_PER_ACCOUNT, MOST_WRONG = 20, 3, 10


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: HttpRequest) -> HttpResponseBase:
    """Anybody's own password; other sessions end, this one goes on."""
    user = person(request)
    form, status = ChangeForm(user), HTTPStatus.OK
    if request.method == "POST":
        if attempted_too_often("password", str(user.pk), most=MOST_WRONG, within=HOUR):
            return _too_often(request)
        form, status = ChangeForm(user, request.POST), HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            update_session_auth_hash(request, form.save())
            messages.success(request, _("密码已改。其他设备上的登录已结束。"))
            return redirect("my-work")
    return render(request, "cms/accounts/change.html", {"form": form}, status=status)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponseBase:
    """A link by mail. The answer is the same for whatever was written."""
    form, status = ForgottenForm(), HTTPStatus.OK
    if request.method == "POST":
        if attempted_too_often("recovery", came_from(request), most=MOST_PER_ADDRESS, within=HOUR):
            return _too_often(request)
        form, status = ForgottenForm(request.POST), HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            written = form.cleaned_data["written"]
            if not attempted_too_often("recovered", written, most=MOST_PER_ACCOUNT, within=HOUR):
                ask_for_link(written=written)
            return redirect("password-sent")
    return render(request, "cms/accounts/forgotten.html", {"form": form}, status=status)


def _too_often(request: HttpRequest) -> HttpResponse:
    return render(request, "cms/accounts/too_often.html", status=HTTPStatus.TOO_MANY_REQUESTS)


@login_not_required
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    return render(request, "cms/accounts/sent.html")


class NewPasswordView(PasswordResetConfirmView):
    """Where a link leads. It works once; the token leaves the address at once."""

    form_class = NewPasswordForm
    token_generator = tokens
    template_name = "cms/accounts/new.html"
    success_url = reverse_lazy("login")

    def get_user(self, uidb64: str) -> User | None:
        found = super().get_user(uidb64)
        return found if isinstance(found, User) and found.is_active else None

    def form_valid(self, form: SetPasswordForm[User]) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        messages.success(self.request, _("密码已设好，请用新密码登录。"))
        return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one_time_link(request: HttpRequest, pk: int) -> HttpResponse:
    """For an administrator: a link to hand over to somebody who gets no mail. It is shown once."""
    by = person(request)
    if not by.is_superuser:
        raise PermissionDenied(_("一次性链接由系统管理员发出。"))
    user = get_object_or_404(User, pk=pk)
    link = issue_link(user=user, by=by) if request.method == "POST" else ""
    return render(request, "cms/accounts/link.html", {"account": user, "link": link})


class MustChangePasswordMiddleware:
    """Whose password was given by somebody else sets his own before anything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if getattr(request.user, "must_change_password", False) and not self._is_free(request.path):
            return redirect("password-change")
        return self.get_response(request)

    def _is_free(self, path: str) -> bool:
        names = ("password-change", "logout", "language", "service-worker", "health")
        return path in {reverse(name) for name in names} or path.startswith("/static/")
