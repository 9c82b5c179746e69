from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EstatesConfig(AppConfig):
    name = "estates"
    verbose_name = _("楼盘与人员")

    def ready(self) -> None:
        from estates import checks  # noqa: F401, PLC0415  registers the checks once the settings stand
