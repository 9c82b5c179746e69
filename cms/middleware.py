"""The interface language a person chose, and the wider script policy of the Wagtail admin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation

from estates.page_policy import foreign_records
from estates.requests import whole_number

Handler = Callable[[HttpRequest], HttpResponse]

ADMIN_POLICY = {
    "default-src": [SELF],
    "img-src": [SELF, "blob:", "data:"],
    "style-src": [SELF, UNSAFE_INLINE],
    "script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL],
    "font-src": [SELF, "data:"],
    "frame-src": [SELF],
    "frame-ancestors": [SELF],
    "object-src": [NONE],
    "base-uri": [NONE],
    "form-action": [SELF],
}


class PreferredLanguageMiddleware:
    """A signed-in person's language beats the browser's, in the workbench as in the admin."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = getattr(request.user, "language", "")
        if language and not request.COOKIES.get("django_language"):
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


class AdminPolicyMiddleware:
    """The Wagtail admin needs inline scripts and its preview frame; nothing else gets them."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith("/admin/"):
            response._csp_replace = ADMIN_POLICY  # type: ignore[attr-defined]
        return response


class RecordWallMiddleware:
    """No admin address that names a record is there for a person who may not see the record.

    Some views of the admin check on POST only (move, confirm); this wall stands before all of them.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Handler, args: Sequence[object], kwargs: Mapping[str, object]
    ) -> None:
        if not request.path.startswith("/admin/"):
            return
        named = [value for name, value in kwargs.items() if "page" in name or name == "destination_id"]
        ids = [whole_number(str(value)) for value in named]
        if ids and any(foreign.filter(pk__in=ids).exists() for foreign in foreign_records(request.user)):
            raise Http404
