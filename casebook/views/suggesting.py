"""Suggestions while one types. What was typed stands in no address and no log."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from casebook.suggesting import suggestions_for
from estates.requests import person
from search.synonyms import names_somebody
from vault.personal_data import find_personal_data


@require_POST
@never_cache
def suggestions(request: HttpRequest) -> JsonResponse:
    """What begins so; nothing for what may name a customer."""
    user, text = person(request), request.POST.get("q", "")
    if find_personal_data(text) or names_somebody(user, text):
        return JsonResponse({"options": []})
    return JsonResponse({"options": [asdict(one) for one in suggestions_for(user, text)]})
