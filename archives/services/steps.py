"""A step with a dossier: one line of its history and one of the access register, always together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archives.models import DossierStep
from archives.register import note
from vault.models.access import Act

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archives.models import DossierPage
    from archives.register import Reader


def take_step(
    reader: Reader,
    held: DossierPage,
    step: str,
    *,
    gate: str = "",
    detail: Mapping[str, object] | None = None,
    words: str = "",
    count: int = 1,
) -> None:
    """Called in the transaction that changes the dossier. `words` are sealed; `count` is how many items it changed."""
    row = DossierStep(dossier=held, step=step, gate=gate, detail=dict(detail or {}), by=reader.user)
    row.seal_note(held.customer.subject, words)
    row.save()
    note(reader, Act.CHANGED, held, purpose=str(step), count=count)
