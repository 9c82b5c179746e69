"""Whose network address a request bears where a proxy stands before the site."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class ClientAddressMiddleware:
    """A trusted proxy tells from where a request came; anybody else's word for it is not taken.

    One proxy is meant: the address that it noted itself, the last one of `X-Forwarded-For`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _is_trusted(str(request.META.get("REMOTE_ADDR", ""))):
            told = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
            if _is_address(told):
                request.META["REMOTE_ADDR"] = told
        return self.get_response(request)


def _is_trusted(address: str) -> bool:
    if not settings.TRUSTED_PROXIES or not _is_address(address):
        return False
    known = ip_address(address)
    return any(known in network for network in settings.TRUSTED_PROXIES)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
