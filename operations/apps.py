from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    name = "operations"
    verbose_name = _("系统运行")

    def ready(self) -> None:
        from operations.recovering import recover_tasks  # noqa: PLC0415  needs loaded models
        from running.acts import Act, Every, register_act  # noqa: PLC0415

        register_act(Act("recover_tasks", _("接续中断的后台任务"), recover_tasks, Every(1)))
