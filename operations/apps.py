from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    name = "operations"
    verbose_name = _("系统运行")

    def ready(self) -> None:
        from operations import registrations  # noqa: F401, PLC0415  needs loaded models
