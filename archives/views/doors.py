"""What every page of the archive has in common: nothing is cached, a dossier that is not yours is not there, and keys
that are away are said plainly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import TypeVar

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from archives.models import DossierPage
from archives.register import Reader, note
from archives.services.errors import DossierError
from estates.private_forms import answered
from estates.requests import came_from, person
from vault.data_keys import KeyDestroyed, KeyUnknown
from vault.fingerprints import KeysUnusable, restore_words
from vault.models.access import Act
from vault.sealing import Tampered

View = Callable[..., HttpResponseBase]
Row = TypeVar("Row")


def private(view: View) -> View:
    """A page with personal data: kept by no cache; without the keys it says so instead of failing."""

    @wraps(view)
    def entered(request: HttpRequest, *args: object, **named: object) -> HttpResponseBase:
        try:
            response = view(request, *args, **named)
        except KeyDestroyed:
            told = _("这位客户的密钥已按规定销毁，资料不能再读出。")
            response = render(request, "archives/keys.html", {"told": told}, status=HTTPStatus.GONE)
        except KeyUnknown:
            why = _("密钥库里没有这位客户的密钥：密钥文件夹可能比数据旧。请系统管理员运行 manage.py check_keys 查清。")
            told = f"{why}{restore_words()}"
            response = render(request, "archives/keys.html", {"told": told}, status=HTTPStatus.SERVICE_UNAVAILABLE)
        except (KeysUnusable, Tampered) as error:
            context = {"told": str(error)}
            response = render(request, "archives/keys.html", context, status=HTTPStatus.SERVICE_UNAVAILABLE)
        return answered(request, response)

    return entered


def reader_of(request: HttpRequest) -> Reader:
    return Reader(person(request), came_from(request))


def dossier_or_404(request: HttpRequest, key: str) -> DossierPage:
    """The dossier, if the person may see it. An attempt at somebody else's is a line of the register."""
    reader = reader_of(request)
    dossiers = DossierPage.objects.select_related("estate", "unit", "tenure", "customer", "template", "filed_by")
    dossier = dossiers.visible_to(reader.user).with_key(key)
    if dossier is not None:
        return dossier
    if foreign := dossiers.with_key(key):
        note(reader, Act.REFUSED, foreign)
    raise Http404


def press_button(request: HttpRequest, row: Row, acts: Mapping[str, Callable[[HttpRequest, Row], None]]) -> str:
    """Do what the button's name says. Returns what stands against it, nothing when it was done."""
    do = acts.get(request.POST.get("action", ""))
    if do is None:
        raise Http404
    try:
        do(request, row)
    except DossierError as error:
        return str(error)
    return ""


def pdf_answer(content: bytes, name: str) -> HttpResponse:
    """A printed sheet, shown in the browser; `name` without the ending says nothing of a person."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


def mark_of(reader: Reader) -> str:
    """What is marked on a sheet that goes out: who took it, and when."""
    when = date_format(timezone.localtime(), "Y-m-d H:i")
    return _("%(who)s 于 %(when)s 导出") % {"who": reader.user, "when": when}
