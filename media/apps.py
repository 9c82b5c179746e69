from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MediaConfig(AppConfig):
    name = "media"
    verbose_name = _("照片与文件")

    def ready(self) -> None:
        from wagtail.permissions import register_permission_policy  # noqa: PLC0415  needs loaded models

        from media.models import FiledDocument, Photo  # noqa: PLC0415
        from media.policies import ThroughRecordsOnly  # noqa: PLC0415

        for model in (Photo, FiledDocument):
            register_permission_policy(model, ThroughRecordsOnly(model), exact_class=True)
