from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MagazineConfig(AppConfig):
    name = "magazine"
    verbose_name = _("会刊")

    def ready(self) -> None:
        from magazine import registrations  # noqa: F401, PLC0415  needs loaded models
