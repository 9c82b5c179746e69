"""Who counts as being there, and what those see whose session is over: why, where to go on, and what they typed."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import LoginView, redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from cms.outages import typed_in
from cms.sessions import SessionStore

UNATTENDED = "unattended"
"""In the query of what a page of ours asks for by itself, on a timer."""
UNATTENDED_VIEWS = {"wagtailadmin_editing_sessions:ping", "service-worker", "health"}
SCRIPT_HEADERS = ("X-Fragment", "X-Private-Form")
ENDED = "ended"


def is_attended(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Did a person cause this request? A page that asks by itself, or asks again after a failure, keeps nobody signed
    in; an autosave does, for it follows what was typed."""
    by_itself = UNATTENDED in request.GET and request.method == "GET"
    if by_itself or response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return False
    return request.resolver_match is None or request.resolver_match.view_name not in UNATTENDED_VIEWS


class SessionEndMiddleware:
    """Puts off the idle end of a session in which a person did something."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(request.session, SessionStore) and is_attended(request, response):
            request.session.put_off_end()
        return response


class SignInMiddleware(LoginRequiredMiddleware):
    """Scripts are told with 401; a form that was sent comes back with what was typed; all others go to the login page
    and from there to where they were."""

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseBase:
        if is_by_script(request):
            return _told_to_script()
        was_here = settings.SESSION_COOKIE_NAME in request.COOKIES
        if request.method not in ("GET", "HEAD") and (was_here or settings.CSRF_COOKIE_NAME in request.COOKIES):
            return _typed_again(request)
        if was_here:
            return redirect_to_login(request.get_full_path(), _login_saying_why())
        return super().handle_no_permission(request, view_func)


def is_by_script(request: HttpRequest) -> bool:
    if any(name in request.headers for name in SCRIPT_HEADERS):
        return True
    asks_for_json = not request.accepts("text/html") and request.accepts("application/json")
    return asks_for_json or request.headers.get("X-Requested-With") == "XMLHttpRequest"


def _login_saying_why() -> str:
    return f"{resolve_url(settings.LOGIN_URL)}?{ENDED}=1"


def why() -> str:
    return _(
        "登录已经结束：%(minutes)d 分钟没有操作，或登录已满 %(hours)d 小时，或在别处被结束。登录后会回到刚才的页面。"
    ) % {
        "minutes": settings.SESSION_IDLE_MINUTES,
        "hours": settings.SESSION_COOKIE_AGE // 3600,
    }


def _told_to_script() -> JsonResponse:
    """Also in the form in which Wagtail's editor shows why it could not save by itself, and goes on trying."""
    told = _("登录已经结束，这次没有保存。请在新的标签页里登录，再回到这里继续；您填写的内容还在。")
    body = {"error": told, "success": False, "error_code": "validation_error", "error_message": told}
    return JsonResponse(body | {"login": resolve_url(settings.LOGIN_URL)}, status=HTTPStatus.UNAUTHORIZED)


def _typed_again(request: HttpRequest) -> HttpResponse:
    typed = typed_in(request)
    if not typed["typed"] and not typed["had_files"]:
        return redirect_to_login(_page_of_form(request), _login_saying_why())
    context = typed | {"login": f"{resolve_url(settings.LOGIN_URL)}?{ENDED}=1"}
    response = render(request, "cms/session_ended.html", context, status=HTTPStatus.UNAUTHORIZED)
    response["Cache-Control"] = "private, no-store"
    return response


def _page_of_form(request: HttpRequest) -> str:
    """Where the form stood that was sent: its own address may take nothing but forms."""
    referrer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referrer, {request.get_host()}, require_https=request.is_secure()):
        return resolve_url(settings.LOGIN_REDIRECT_URL)
    parts = urlsplit(referrer)
    return parts._replace(scheme="", netloc="", fragment="").geturl()


class SignInView(LoginView):
    template_name = "cms/login.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"why": why() if ENDED in self.request.GET else ""}
