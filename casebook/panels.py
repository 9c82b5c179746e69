"""The case in the Wagtail editor: facts to read, then problem, photos, cause, lesson, audience."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, Panel

from casebook.fields import TEXT_FIELDS
from casebook.vocabulary import Library
from vault.personal_data import find_personal_data

FACT_FIELDS = ("number", "state", "estate", "unit", "record_date")


class PersonalDataPanel(Panel):
    """What in the saved texts looks like a person's data."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "casebook/panels/personal_data.html"

        def get_context_data(self, parent_context: dict[str, object] | None = None) -> dict[str, object]:
            context: dict[str, object] = super().get_context_data(parent_context)
            case = self.instance
            context["findings"] = [
                (case._meta.get_field(name).verbose_name, finding)
                for name in TEXT_FIELDS
                for finding in find_personal_data(getattr(case, name))
            ]
            return context


class StalePanel(Panel):
    """After a refused save: what the other person changed, beside what was typed and is still in the form."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "casebook/panels/stale.html"

        def is_shown(self) -> bool:
            return getattr(self.instance, "stale_edit", None) is not None


class AddPhotosPanel(Panel):
    """Photos are added in the workbench, where each gets its name and place at once."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "casebook/panels/add_photos.html"


CASE_PANELS = [
    StalePanel(heading=_("另一个人刚刚修改过")),
    MultiFieldPanel(
        [FieldRowPanel([FieldPanel(name, read_only=True) for name in FACT_FIELDS])], heading=_("编号与位置")
    ),
    FieldPanel("title", heading=_("标题")),
    PersonalDataPanel(heading=_("个人信息检查")),
    MultiFieldPanel(
        [
            FieldPanel("description"),
            FieldRowPanel([FieldPanel("stage"), FieldPanel("category"), FieldPanel("is_positive")]),
            FieldRowPanel([FieldPanel("severity"), FieldPanel("cost"), FieldPanel("homes_affected")]),
        ],
        heading=_("问题"),
    ),
    InlinePanel("photos", heading=_("照片"), label=_("照片"), panels=None, classname="case-photos"),
    AddPhotosPanel(heading=_("添加照片")),
    FieldPanel("no_photo_reason"),
    MultiFieldPanel(
        [
            FieldPanel("cause"),
            FieldRowPanel([FieldPanel("cause_is_drawing"), FieldPanel("drawing_number"), FieldPanel("drawing_cause")]),
            FieldPanel("measure"),
        ],
        heading=_("原因与处理"),
    ),
    MultiFieldPanel(
        [FieldPanel("lesson"), FieldPanel("requirement"), FieldPanel("responsible_department")],
        heading=_("经验教训"),
    ),
    MultiFieldPanel(
        [FieldPanel("components"), FieldPanel("product_types"), FieldPanel("climates"), FieldPanel("review_stages")],
        heading=_("给新项目用：适用于什么"),
        help_text=_("不选就是都适用；“在哪些阶段提醒”不选时按发布的案例库判断。"),
    ),
    MultiFieldPanel([FieldRowPanel([FieldPanel(library.value) for library in Library])], heading=_("发布到案例库")),
]
