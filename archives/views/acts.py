"""The steps that are taken from a dossier's page, each named by its button."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from archives.forms import ClassifyForm
from archives.models import DeedCorrection, DossierPage, GateOverride
from archives.register import Reader
from archives.services.contacts import add_contact
from archives.services.deeds import decide_deed
from archives.services.entering import classify_dossier
from archives.services.errors import DossierError, NotReady
from archives.services.overriding import ask_override, decide_override
from archives.services.reviewing import (
    answer_return,
    confirm_by_customer,
    file_dossier,
    return_dossier,
    submit_dossier,
    verify_dossier,
)
from archives.services.starting import void_dossier
from archives.views.doors import dossier_or_404, private, reader_of
from archives.vocabulary import Confirming
from estates.requests import whole_number, written_day
from estates.wording import enumeration

Act_ = Callable[[Reader, DossierPage, HttpRequest], str]
"""Does one thing and says in a sentence what was done."""


@require_POST
@private
def act(request: HttpRequest, key: str) -> HttpResponseBase:
    """One step on a dossier, named by the button that was pressed."""
    found = dossier_or_404(request, key)
    do = ACTS.get(request.POST.get("action", ""))
    if do is None:
        raise Http404
    try:
        said = do(reader_of(request), found, request)
    except NotReady as error:
        messages.error(request, f"{error}{enumeration(gap.what for gap in error.gaps)}")
    except DossierError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect(DossierPage.objects.get(pk=found.pk))


def _confirm(reader: Reader, found: DossierPage, request: HttpRequest) -> str:
    how = request.POST.get("how", "")
    if how not in Confirming.values:
        raise DossierError(_("请选择确认方式。"))
    confirm_by_customer(reader=reader, dossier=found, how=how, on=day_of(request, "on"))
    return _("已记录客户确认。")


def _submit(reader: Reader, found: DossierPage, request: HttpRequest) -> str:
    submit_dossier(reader=reader, dossier=found)
    return _("已提交，等档案管理员核对归档。")


def _return(reader: Reader, found: DossierPage, request: HttpRequest) -> str:
    post = request.POST
    return_dossier(reader=reader, dossier=found, gate=post.get("gate", ""), reason=post.get("reason", ""))
    return _("已退回，录入人会看到原因。")


def _answer_return(reader: Reader, found: DossierPage, request: HttpRequest) -> str:
    answer_return(reader=reader, dossier=found, answer=request.POST.get("reason", ""))
    return _("已记下答复，可以再提交。")


def _verify(reader: Reader, found: DossierPage, request: HttpRequest) -> str:
    verify_dossier(reader=reader, dossier=found)
    return _("已记录核对无误。")


def _file(reader: Reader, found: DossierPage, request: HttpRequest) -> str:
    filed = file_dossier(reader=reader, dossier=found)
    return _("已归档，档案编号 %(number)s。") % {"number": filed.number}


def _ask_override(reader: Reader, found: DossierPage, request: HttpRequest) -> str:
    rule = whole_number(request.POST.get("rule"))
    field, reason = request.POST.get("field", ""), request.POST.get("reason", "")
    ask_override(reader=reader, dossier=found, rule=rule, field=field, reason=reason)
    return _("已申请例外放行，等另一位客服经理批准。")


def _decide_override(reader: Reader, found: DossierPage, request: HttpRequest) -> str:
    asked = get_object_or_404(GateOverride, dossier=found, pk=whole_number(request.POST.get("override")))
    grant = request.POST.get("grant") == "yes"
    decide_override(reader=reader, override=asked, grant=grant)
    return _("已同意例外放行。") if grant else _("没有同意例外放行。")


def _decide_deed(reader: Reader, found: DossierPage, request: HttpRequest) -> str:
    asked = get_object_or_404(DeedCorrection, dossier=found, pk=whole_number(request.POST.get("deed")))
    grant = request.POST.get("grant") == "yes"
    decide_deed(reader=reader, correction=asked, grant=grant)
    return _("产权证已更正，原来的内容留在经过里。") if grant else _("没有同意更正，产权证没有改。")


def _contact(reader: Reader, found: DossierPage, request: HttpRequest) -> str:
    post = request.POST
    add_contact(
        reader=reader,
        dossier=found,
        on=day_of(request, "on"),
        channel=post.get("channel", ""),
        text=post.get("text", ""),
    )
    return _("已登记联系记录。")


def _classify(reader: Reader, found: DossierPage, request: HttpRequest) -> str:
    form = ClassifyForm(request.POST, dossier=found)
    if not form.is_valid():
        raise DossierError(_("请从列表里选择。"))
    loaded = whole_number(request.POST.get("revision")) or None
    classify_dossier(reader=reader, dossier=found, fields=form.cleaned_data, loaded=loaded)
    return _("已修改分类。")


def _void(reader: Reader, found: DossierPage, request: HttpRequest) -> str:
    void_dossier(reader=reader, dossier=found, reason=request.POST.get("reason", ""))
    return _("已撤销这份档案。")


def day_of(request: HttpRequest, name: str) -> date:
    """A day of the form. Raises DossierError for what is none."""
    day = written_day(request.POST.get(name))
    if day is None:
        raise DossierError(_("不是日期，请写成 2026-11-23。"))
    return day


ACTS: dict[str, Act_] = {
    "confirm": _confirm,
    "submit": _submit,
    "return": _return,
    "answer_return": _answer_return,
    "verify": _verify,
    "file": _file,
    "ask_override": _ask_override,
    "decide_override": _decide_override,
    "decide_deed": _decide_deed,
    "contact": _contact,
    "classify": _classify,
    "void": _void,
}
