from __future__ import annotations

from wagtail import hooks
from wagtail.admin.viewsets.chooser import ChooserViewSet

from media.choosers import public_photo_viewset


@hooks.register("register_admin_viewset")
def choose_public_photos() -> ChooserViewSet:
    return public_photo_viewset
