from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from estates.models import Estate, Unit
from estates.requests import person, whole_number
from estates.unit_codes import UnitCodeError, parse_unit
from estates.units import suggest_units


@require_safe
def unit_suggestions(request: HttpRequest) -> JsonResponse:
    """Units of one estate that what was typed may mean, and how it was understood."""
    text = request.GET.get("q", "").strip()
    estate = Estate.objects.visible_to(person(request)).filter(pk=whole_number(request.GET.get("estate"))).first()
    if estate is None or not text:
        return JsonResponse({"options": [], "note": ""})
    options = [
        {"value": unit.written, "label": unit.written, "detail": " ".join(filter(None, [unit.code, unit.unit_type]))}
        for unit in suggest_units(text, Unit.objects.filter(estate=estate))
    ]
    return JsonResponse({"options": options, "note": "" if options else _note(text)})


def _note(text: str) -> str:
    try:
        return _("将按 %(unit)s 登记（楼盘资料里还没有这一户，待核实）。") % {"unit": parse_unit(text).written}
    except UnitCodeError:
        return _("请写成 3栋2单元1201 或 3-2-1201；公共部位请留空。")
