"""Choosers of the company's rows in the Wagtail admin: of what a person keeps, or may see, and of nothing else."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from wagtail.permissions import policy_registry
from wagtail.snippets.views.chooser import (
    ChooseResultsView,
    ChooseView,
    SnippetChooserViewSet,
    SnippetChosenMultipleView,
    SnippetChosenView,
)

from estates.models import Estate

if TYPE_CHECKING:
    from estates.models import User

KEEPS = frozenset({"add", "change", "delete", "view"})


def choosable(model: type[Model], user: User) -> QuerySet[Model] | None:
    """The rows that the person may choose among; None for somebody who has no business with the model at all.

    An estate is a place where one works, so everybody may choose among his own.
    """
    rows: QuerySet[Model] = model._default_manager.all()
    if user.is_superuser:
        return rows
    if model is Estate:
        return Estate.objects.visible_to(user)
    if not policy_registry.get_by_type(model).user_has_any_permission(user, KEEPS):
        return None
    return rows.visible_to(user) if hasattr(rows, "visible_to") else rows


class _OwnRows:
    request: HttpRequest
    model_class: type[Model]

    @property
    def rows(self) -> QuerySet[Model]:
        found = choosable(self.model_class, self.request.user)  # type: ignore[arg-type]
        if found is None:
            raise Http404
        return found

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if choosable(self.model_class, request.user) is None:  # type: ignore[arg-type]
            raise Http404
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response

    def get_object_list(self) -> QuerySet[Model]:
        return self.rows

    def get_object(self, pk: str) -> Model:
        return self.rows.get(pk=pk)

    def get_objects(self, pks: Collection[str]) -> QuerySet[Model]:
        return self.rows.filter(pk__in=pks)


class OwnChooseView(_OwnRows, ChooseView):
    """The list, with its frame."""


class OwnResultsView(_OwnRows, ChooseResultsView):
    """The list alone, as one pages and searches."""


class OwnChosenView(_OwnRows, SnippetChosenView):
    """One that was chosen."""


class OwnChosenMultipleView(_OwnRows, SnippetChosenMultipleView):
    """Several that were chosen."""


class OwnChooserViewSet(SnippetChooserViewSet):
    choose_view_class = OwnChooseView
    choose_results_view_class = OwnResultsView
    chosen_view_class = OwnChosenView
    chosen_multiple_view_class = OwnChosenMultipleView
