"""Form fields for a place: an estate of the person's, a home in any spelling."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from estates.models import Estate, Unit
from estates.unit_codes import UnitCodeError, parse_unit
from estates.units import unit_named
from estates.widgets import EstateSelect


class EstateField(forms.ModelChoiceField[Estate]):
    """One of the estates that the form's user may file on; the form sets its queryset."""

    default_error_messages = {
        "required": _("请选择楼盘。"),
        "invalid_choice": _("没有这个楼盘，或您不在这个楼盘任职。请从列表中选择。"),
    }

    def __init__(self) -> None:
        super().__init__(Estate.objects.none(), label=_("楼盘"), empty_label=_("选择楼盘"), widget=EstateSelect)


class UnitField(forms.CharField):
    """A unit in any way staff write it; empty for common parts."""

    def __init__(self) -> None:
        super().__init__(label=_("房号"), required=False, max_length=40)

    def clean(self, value: object) -> str:
        text = str(super().clean(value))
        if text:
            try:
                parse_unit(text)
            except UnitCodeError as error:
                raise ValidationError(
                    _("看不懂房号“%(text)s”。请写成 3栋2单元1201 或 3-2-1201；公共部位请留空。"), params={"text": text}
                ) from error
        return text


def estate_and_unit(cleaned: Mapping[str, object]) -> tuple[Estate, Unit | None]:
    """What a valid form with the two fields names; a unit that the list does not know yet is entered."""
    estate, text = cleaned["estate"], cleaned["unit_text"]
    if not isinstance(estate, Estate):
        raise TypeError(estate)
    return estate, unit_named(estate, parse_unit(str(text))) if text else None
