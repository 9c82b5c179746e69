from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casebook.models import CasePage
from casebook.services.filing import CONTENT_FIELDS, Place
from casebook.titles import is_derived
from estates.forms import EstateField, UnitField, estate_and_unit
from estates.models import Estate, Unit, User

AT_THE_DESK = {
    "cost",
    "is_positive",
    "drawing_cause",
    "homes_affected",
    "components",
    "product_types",
    "climates",
    "review_stages",
}
WORKBENCH_FIELDS = tuple(name for name in CONTENT_FIELDS if name not in AT_THE_DESK)


class PlaceForm(forms.Form):
    """Where a numbered case should have been filed, and why it is moved."""

    estate = EstateField()
    unit_text = UnitField()
    reason = forms.CharField(label=_("更正原因"), max_length=200, error_messages={"required": _("请写明更正的原因。")})

    def __init__(self, data: Mapping[str, object] | None, *, user: User, case: CasePage) -> None:
        place = {"estate": case.estate_id, "unit_text": case.unit.written if case.unit else ""}
        super().__init__(data, initial=place, label_suffix="")
        self.fields["estate"].queryset = Estate.objects.managed_by(user)  # type: ignore[attr-defined]

    def estate_and_unit(self) -> tuple[Estate, Unit | None]:
        return estate_and_unit(self.cleaned_data)


class CaseForm(forms.ModelForm[CasePage]):
    """A case in the workbench: its place and what it says. Everything but the place may wait in a draft."""

    estate = EstateField()
    unit_text = UnitField()
    record_date = forms.DateField(
        label=_("记录日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    class Meta:
        model = CasePage
        fields = WORKBENCH_FIELDS
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "description": forms.Textarea(attrs={"rows": 4}),
            "cause": forms.Textarea(attrs={"rows": 3}),
            "measure": forms.Textarea(attrs={"rows": 2}),
            "lesson": forms.Textarea(attrs={"rows": 3}),
            "requirement": forms.Textarea(attrs={"rows": 3}),
            "stage": forms.RadioSelect(),
            "category": forms.RadioSelect(),
            "responsible_department": forms.RadioSelect(),
            "cause_is_drawing": forms.Select(choices=[("", _("还不清楚")), (True, _("是")), (False, _("否"))]),
        }

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, label_suffix="", **kwargs)  # type: ignore[arg-type,misc]
        self.fields["estate"].queryset = Estate.objects.fileable_by(user)  # type: ignore[attr-defined]
        self.fields["record_date"].initial = timezone.localdate()
        self.fields["title"].required = False
        self.fields["title"].help_text = _("不填时取问题说明的第一句。")
        if is_derived(str(self.instance.title), self.instance.description):
            self.initial["title"] = ""
        for name in ("stage", "category"):
            choices = self.fields[name].choices  # type: ignore[attr-defined]
            self.fields[name].choices = [choice for choice in choices if choice[0]]  # type: ignore[attr-defined]
        self.fields["responsible_department"].empty_label = None  # type: ignore[attr-defined]
        if self.instance.number:
            for name in ("estate", "unit_text", "record_date"):
                del self.fields[name]

    def clean_record_date(self) -> object:
        day = self.cleaned_data["record_date"]
        if day > timezone.localdate():
            raise ValidationError(_("记录日期不能晚于今天。"))
        return day

    def place(self) -> Place | None:
        """The place a valid form names; None when the record's place is fixed."""
        return self.new_place() if "estate" in self.fields else None

    def new_place(self) -> Place:
        return Place(*estate_and_unit(self.cleaned_data), self.cleaned_data["record_date"])

    def content_fields(self) -> dict[str, object]:
        """What the form says; a form without the field of the title says nothing of it."""
        said = [name for name in WORKBENCH_FIELDS if name != "title" or name in self.data]
        return {name: self.cleaned_data[name] for name in said}

    def _post_clean(self) -> None:
        """Field checks are enough: the instance is the record's row, and a form never writes to it."""
