"""Correct a numbered case's place, void it, and the register of all numbers."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casebook import policies
from casebook.forms import PlaceForm
from casebook.models import CasePage
from casebook.register import Register, first_with_numbers, number_register
from casebook.services.correcting import correct_place, void_case
from casebook.services.errors import CaseError
from casebook.views.cases import case_or_404
from estates.models import Estate
from estates.requests import person

PAGE = 100


@require_http_methods(["GET", "POST"])
def place(request: HttpRequest, key: str) -> HttpResponseBase:
    """Another estate or unit for a numbered case, with a reason."""
    user = person(request)
    case = case_or_404(user, key)
    if not policies.may_manage_case(user, case) or not case.number:
        raise PermissionDenied(_("只有客服经理可以更正已编号案例的位置。"))
    form = PlaceForm(request.POST if request.method == "POST" else None, user=user, case=case)
    if request.method == "POST" and form.is_valid():
        try:
            estate, unit = form.estate_and_unit()
            moved = correct_place(case=case, by=user, estate=estate, unit=unit, reason=form.cleaned_data["reason"])
        except CaseError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("已更正到 %(place)s，编号不变。") % {"place": moved.place_words})
            return redirect(moved)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    words = {"estate": _("楼盘名称、代码或拼音首字母")}
    return render(request, "casebook/place.html", {"case": case, "form": form, "words": words}, status=status)


@require_POST
def void(request: HttpRequest, key: str) -> HttpResponseBase:
    user = person(request)
    case = case_or_404(user, key)
    try:
        void_case(case=case, by=user, reason=request.POST.get("reason", ""))
        messages.success(request, _("编号 %(number)s 已作废，登记册里保留原因。") % {"number": case.number})
    except CaseError as error:
        messages.error(request, str(error))
    return redirect(case)


@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    """The register of case numbers of one estate and year: every number given, and every gap."""
    user = person(request)
    reach = policies.numbers_within(user)
    if not reach:
        raise PermissionDenied(_("编号登记册对客服经理、档案管理员和审计开放。"))
    estates = Estate.objects.filter(reach.q("pk"))
    estate = estates.filter(code=request.GET.get("estate", "")).first() or first_with_numbers(estates)
    register = number_register(estate, request.GET.get("year", "")) if estate else Register([], "", [], [])
    page = Paginator(register.entries, PAGE).get_page(request.GET.get("page"))
    shown = CasePage.objects.visible_to(user).filter(number__in=[entry.number for entry in page])
    context = {
        "estates": estates,
        "estate": estate,
        "register": register,
        "page": page,
        "cases": {case.number: case for case in shown},
    }
    return render(request, "casebook/numbers.html", context)
