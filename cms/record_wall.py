"""The walls before the Wagtail admin: which pages a request names, and what its views cannot digest."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from traceback import walk_tb

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldError, ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.defaults import page_not_found
from wagtail.models import Page
from wagtail.permissions import policy_registry

from estates.requests import whole_number

Handler = Callable[[HttpRequest], HttpResponse]
logger = logging.getLogger(__name__)

ADMIN = "/admin/"
PAGE_KEYS = frozenset(
    {
        "page",
        "pages",
        "page_id",
        "parent",
        "parent_page",
        "parent_page_id",
        "parentPage",
        "new_parent_page",
        "destination",
        "destination_id",
        "chosen_parent",
        "root_page",
        "translation_of",
        "child_of",
        "descendant_of",
        "ancestor_of",
    }
)
"""Names under which the admin's queries and forms give a page's id."""

NAME_PAGES_BY_PK = frozenset({"revisions_compare", "wagtailadmin_choose_page_chosen_multiple"})
"""Addresses whose `pk` or `id` is a page's, although its name does not say so."""

INDIGESTIBLE = (
    ObjectDoesNotExist,
    ValidationError,
    FieldError,
    LookupError,
    ValueError,
    TypeError,
    OverflowError,
    AttributeError,
)
"""What Wagtail's own views raise for a request that none of their forms makes: a missing or unreadable argument."""


class RecordWallMiddleware:
    """No admin address, query or form names a page to a person whom the admin would not show it.

    Some views of the admin check on POST only (move, confirm), some never (what was chosen); this wall stands before
    all of them.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Handler, args: Sequence[object], kwargs: Mapping[str, object]
    ) -> None:
        if not request.path.startswith(ADMIN) or not request.user.is_authenticated:
            return
        named = {whole_number(value) for value in _named_pages(request, kwargs)}
        if not named:
            return
        shown = policy_registry.get_by_type(Page).explorable_instances(request.user)
        if shown.filter(pk__in=named).count() < len(named):
            raise Http404


def _named_pages(request: HttpRequest, kwargs: Mapping[str, object]) -> Iterator[str]:
    """The ids of pages in the path, the query and the body, as they are written."""
    route = request.resolver_match.url_name if request.resolver_match else ""
    by_pk = route in NAME_PAGES_BY_PK or request.path.startswith(f"{ADMIN}api/main/pages/")
    for name, value in kwargs.items():
        if "page" in name or name == "destination_id" or (by_pk and name == "pk"):
            yield str(value)
    for key, values in chain(request.GET.lists(), request.POST.lists()):
        if key in PAGE_KEYS or (by_pk and key == "id"):
            yield from (str(value) for value in values if value)


class AdminShieldMiddleware:
    """A request that Wagtail's own views cannot digest leads nowhere, instead of to a broken page; the log has the
    trace. An error with a line of ours in its trace stays an error."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not request.path.startswith(ADMIN) or not isinstance(exception, INDIGESTIBLE) or _is_ours(exception):
            return None
        logger.error("the admin could not digest %s %s", request.method, request.path, exc_info=exception)
        return page_not_found(request, exception)


def _is_ours(exception: Exception) -> bool:
    """Whether a module of this product stands in the trace."""
    rooms = {config.name for config in apps.get_app_configs() if Path(config.path).parent == settings.ROOT}
    frames = (frame for frame, _line in walk_tb(exception.__traceback__))
    return any(str(frame.f_globals.get("__name__", "")).partition(".")[0] in rooms for frame in frames)
