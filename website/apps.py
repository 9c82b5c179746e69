from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebsiteConfig(AppConfig):
    name = "website"
    verbose_name = _("公开网站")

    def ready(self) -> None:
        from website import registrations  # noqa: F401, PLC0415  needs loaded models
