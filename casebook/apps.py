from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasebookConfig(AppConfig):
    name = "casebook"
    verbose_name = _("案例库")

    def ready(self) -> None:
        from casebook import registrations  # noqa: F401, PLC0415  needs loaded models
