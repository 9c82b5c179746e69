from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from casebook.applicability import DEFAULT_CAP
from casebook.models import Project
from casebook.models.packs import LARGEST_PACK
from casebook.services.wording import names_contacts
from casebook.vocabulary import Component, Library, ReviewStage
from estates.models import Estate, User
from text.cleaning import clean_line

LIBRARIES = [(one.value, one.label) for one in (Library.DESIGN, Library.QUALITY)]
USUALLY_THERE = [one.value for one in Component if one not in (Component.CURTAIN_WALL, Component.SKYLIGHT)]
USUALLY_REVIEWED = [ReviewStage.SCHEME, ReviewStage.DRAWINGS, ReviewStage.CONSTRUCTION]


class ProjectForm(forms.ModelForm[Project]):
    """A new project, and which of its stages demand a review."""

    demanding = forms.MultipleChoiceField(
        label=_("结束前须完成经验审查的阶段"),
        choices=ReviewStage.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        initial=USUALLY_REVIEWED,
    )

    class Meta:
        model = Project
        fields = ("estate", "name", "climate", "homes", "product_types", "components")
        error_messages: ClassVar[dict[str, dict[str, object]]] = {
            "estate": {"required": _("请选择楼盘。")},
            "name": {"required": _("请填写项目名称，例如：一期。")},
            "climate": {"required": _("请选择气候分区。")},
        }

    def __init__(self, data: Mapping[str, object] | None, *, user: User, project: Project | None = None) -> None:
        """With a project: the form that changes it; its estate is not asked again."""
        super().__init__(data, label_suffix="", instance=project)
        self.fields["estate"].queryset = Estate.objects.managed_by(user)  # type: ignore[attr-defined]
        self.fields["estate"].empty_label = _("选择楼盘")  # type: ignore[attr-defined]
        climates = self.fields["climate"].choices  # type: ignore[attr-defined]
        self.fields["climate"].choices = [("", _("选择气候分区")), *(one for one in climates if one[0])]  # type: ignore[attr-defined]
        if project is None:
            self.fields["components"].initial = USUALLY_THERE
        else:
            del self.fields["estate"]
            self.fields["demanding"].initial = [s.kind for s in project.stages.all() if s.demands_review]

    def clean_name(self) -> str:
        name = clean_line(self.cleaned_data["name"])
        if names_contacts(name):
            raise forms.ValidationError(_("名称里有电话号码或证件号，请去掉后再保存。"))
        return name

    def clean_product_types(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["product_types"]
        if not chosen:
            raise forms.ValidationError(_("请至少选择一种产品类型。"))
        return chosen

    def clean_components(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["components"]
        if not chosen:
            raise forms.ValidationError(_("请选择项目包含的部位，经验按部位匹配。"))
        return chosen

    def _post_clean(self) -> None:
        """Field checks are enough here: `start_project` validates the whole."""

    def project(self) -> Project:
        return Project(**{name: self.cleaned_data[name] for name in self.Meta.fields})


class PackForm(forms.Form):
    """For whom a pack is built, and how long it may get."""

    library = forms.ChoiceField(label=_("案例库"), choices=LIBRARIES)
    cap = forms.IntegerField(label=_("最多条数"), min_value=1, max_value=LARGEST_PACK, initial=DEFAULT_CAP)
