from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.log_actions import LogActionRegistry

from media.choosers import public_photo_viewset


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    actions.register_action("media.uploaded", _("上传公开照片"), _("已上传，待审看"))
    actions.register_action("media.judged", _("审看照片"), _("照片已审看并公开"))
    actions.register_action("media.blur_proposed", _("改模糊区域"), _("已提交新的模糊区域"))
    actions.register_action("media.blur_approved", _("同意模糊区域"), _("新的模糊区域已同意"))
    actions.register_action("media.blur_refused", _("退回模糊区域"), _("新的模糊区域已退回"))
    actions.register_action("media.withdrawn", _("撤下照片"), _("照片已撤下"))


@hooks.register("register_admin_viewset")
def choose_public_photos() -> ChooserViewSet:
    return public_photo_viewset
