from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils.translation import gettext_lazy as _
from wagtail.users.apps import WagtailUsersAppConfig


class CmsConfig(AppConfig):
    name = "cms"
    default = True
    verbose_name = _("站点")

    def ready(self) -> None:
        from cms.signing_in import note_last_login  # noqa: PLC0415  needs loaded models

        user_logged_in.disconnect(dispatch_uid="update_last_login")
        user_logged_in.connect(note_last_login, dispatch_uid="update_last_login")
        from cms import registrations  # noqa: F401, PLC0415  needs loaded models


class UsersConfig(WagtailUsersAppConfig):
    """Wagtail's room for accounts, with our pages in it."""

    user_viewset = "cms.user_admin.StaffUserViewSet"
