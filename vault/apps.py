from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VaultConfig(AppConfig):
    name = "vault"
    verbose_name = _("密钥与登记册")

    def ready(self) -> None:
        from vault import checks, registrations  # noqa: F401, PLC0415  needs loaded models
