"""How the Wagtail admin lets somebody choose among the public photos. They are for everybody, so everybody may."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.chooser import ChooserViewSet

public_photo_viewset = ChooserViewSet(
    "public_photo_chooser",
    model="media.PublicPhoto",
    icon="image",
    choose_one_text=_("选择公开照片"),
    choose_another_text=_("换一张"),
    edit_item_text=_("编辑"),
    per_page=20,
)
