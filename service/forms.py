from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from estates.models import Estate, User
from media.models import PublicPhoto
from service.models import Activity, Milestone


class MilestoneForm(forms.ModelForm[Milestone]):
    class Meta:
        model = Milestone
        fields = ("estate", "kind", "buildings", "day", "note", "photo")
        widgets: ClassVar[dict[str, forms.Widget]] = {"day": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
        error_messages: ClassVar[dict[str, dict[str, object]]] = {
            "estate": {"required": _("请选择楼盘。")},
            "kind": {"required": _("请选择节点。")},
            "day": {"required": _("请填写日期。"), "invalid": _("请写成 2026-11-23。")},
        }

    def __init__(self, data: Mapping[str, object] | None, *, user: User, instance: Milestone | None = None) -> None:
        super().__init__(data, label_suffix="", instance=instance)
        self.fields["estate"].queryset = Estate.objects.fileable_by(user)  # type: ignore[attr-defined]
        self.fields["photo"].queryset = PublicPhoto.objects.served()  # type: ignore[attr-defined]


class ActivityForm(forms.ModelForm[Activity]):
    class Meta:
        model = Activity
        fields = ("theme", "estate", "day", "place", "report", "photos")
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "day": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "report": forms.Textarea(attrs={"rows": 5}),
            "photos": forms.CheckboxSelectMultiple(),
        }
        error_messages: ClassVar[dict[str, dict[str, object]]] = {
            "theme": {"required": _("请填写主题。")},
            "day": {"required": _("请填写日期。"), "invalid": _("请写成 2026-11-23。")},
        }

    def __init__(self, data: Mapping[str, object] | None, *, user: User, instance: Activity | None = None) -> None:
        super().__init__(data, label_suffix="", instance=instance)
        self.fields["estate"].queryset = Estate.objects.fileable_by(user)  # type: ignore[attr-defined]
        self.fields["estate"].empty_label = _("全公司")  # type: ignore[attr-defined]
        self.fields["photos"].queryset = PublicPhoto.objects.served()  # type: ignore[attr-defined]
