"""What the import machine registers with others."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from exchange.models import ImportBatch
from running.acts import Act, Every, by_command, register_act
from vault.subjects import register_subjects


def batch_subjects() -> Iterator[tuple[str, str]]:
    """Imports whose rows can still be had again."""
    for batch in ImportBatch.objects.filter(is_readable=True).order_by("pk").iterator():
        yield batch.subject, str(batch)


register_subjects(batch_subjects)
GO_ON = "go_on_imports"
register_act(Act(GO_ON, _("继续中断的导入"), by_command(GO_ON), Every(30), commands=(GO_ON,)))
