from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from archives.models import DossierPage, Tenure
from archives.services.starting import Opening
from archives.vocabulary import Channel, CustomerKind, Need
from estates.forms import EstateField, UnitField, estate_and_unit
from estates.models import Estate, User


class DayField(forms.DateField):
    def __init__(self, label: object) -> None:
        super().__init__(
            label=label,  # type: ignore[arg-type]
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            error_messages={"required": _("请填写日期。"), "invalid": _("不是日期，请写成 2026-11-23。")},
        )


class StartForm(forms.Form):
    """What a dossier is about, before anything of the customer is entered."""

    estate = EstateField()
    unit_text = UnitField()
    tenure = forms.ChoiceField(label=_("产权关系"), choices=Tenure.Kind, widget=forms.RadioSelect)
    opened_on = DayField(_("签约日期（产权或租期开始）"))
    customer_kind = forms.ChoiceField(label=_("客户类型"), choices=CustomerKind, widget=forms.RadioSelect)
    need = forms.ChoiceField(label=_("客户需求"), choices=Need, widget=forms.RadioSelect)
    channel = forms.ChoiceField(label=_("资料来源"), choices=Channel, widget=forms.RadioSelect)
    shelf_mark = forms.CharField(label=_("纸质档案位置"), max_length=40, required=False)

    def __init__(self, data: Mapping[str, object] | None, *, user: User) -> None:
        initial = {
            "opened_on": timezone.localdate(),
            "tenure": Tenure.Kind.OWNER,
            "customer_kind": CustomerKind.INDIVIDUAL,
            "need": Need.PURCHASE,
            "channel": Channel.CONTRACT,
        }
        super().__init__(data, initial=initial, label_suffix="")
        self.fields["estate"].queryset = Estate.objects.fileable_by(user)  # type: ignore[attr-defined]
        self.fields["unit_text"].required = True
        self.fields["unit_text"].error_messages["required"] = _("请填写房号。")

    def clean_opened_on(self) -> date:
        day: date = self.cleaned_data["opened_on"]
        if day > timezone.localdate():
            raise ValidationError(_("签约日期不能在今天之后。"))
        return day

    def opening(self) -> Opening:
        """What a valid form says."""
        estate, unit = estate_and_unit(self.cleaned_data)
        if unit is None:
            raise TypeError(unit)
        given = {name: self.cleaned_data[name] for name in ("tenure", "customer_kind", "need", "channel", "shelf_mark")}
        return Opening(
            estate=estate,
            unit=unit,
            record_date=timezone.localdate(),
            opened_on=self.cleaned_data["opened_on"],
            **given,
        )


class ClassifyForm(forms.Form):
    need = forms.ChoiceField(label=_("客户需求"), choices=Need)
    channel = forms.ChoiceField(label=_("资料来源"), choices=Channel)
    shelf_mark = forms.CharField(label=_("纸质档案位置"), max_length=40, required=False)

    def __init__(self, data: Mapping[str, object] | None, *, dossier: DossierPage) -> None:
        initial = {name: getattr(dossier, name) for name in ("need", "channel", "shelf_mark")}
        super().__init__(data, initial=initial, label_suffix="")
