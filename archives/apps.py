from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ArchivesConfig(AppConfig):
    name = "archives"
    verbose_name = _("客户档案")

    def ready(self) -> None:
        from archives import registrations  # noqa: F401, PLC0415  needs loaded models
