from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EstatesConfig(AppConfig):
    name = "estates"
    verbose_name = _("楼盘与人员")

    def ready(self) -> None:
        from wagtail.models import Page  # noqa: PLC0415  needs loaded models
        from wagtail.permissions import register_permission_policy  # noqa: PLC0415

        from estates import checks  # noqa: F401, PLC0415  registers the checks once the settings stand
        from estates.page_policy import RecordPagePolicy  # noqa: PLC0415

        register_permission_policy(Page, RecordPagePolicy(Page))
