from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExchangeConfig(AppConfig):
    name = "exchange"
    verbose_name = _("打印与交换")

    def ready(self) -> None:
        from exchange import registrations  # noqa: F401, PLC0415  needs loaded models
