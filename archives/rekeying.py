"""Everything that is held about a customer sealed anew with a new key, so that the key before it can be destroyed.

What was deleted before stays somewhere: in free pages of the database file, in its log, in backups. Without its key it
is nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import models

from archives.models import Customer, Merge, ProfileVersion
from archives.models.history import SealedNote
from vault.data_keys import renew_key
from vault.sealing import Spot, seal, unseal


def seal_anew(customer: Customer) -> list[int]:
    """Called with the customer's dossiers locked, before anything else is sealed in the transaction. Returns the ids of
    the keys to be retired once it is committed. Raises what `vault.sealing` raises."""
    before = renew_key(customer.subject)
    for model, fields, rows in sealed_rows(customer):
        for row in rows.iterator():
            _seal_row(customer.subject, model, fields, row)
    return before


def sealed_rows(customer: Customer) -> Iterator[tuple[type[models.Model], list[str], models.QuerySet[models.Model]]]:
    """Every model of the archive with sealed fields, those fields, and the rows that the customer's key seals."""
    for model in apps.get_app_config("archives").get_models():
        if fields := [field.name for field in model._meta.get_fields() if isinstance(field, models.BinaryField)]:
            yield model, fields, model._default_manager.filter(**{_path(model): customer})


def _path(model: type[models.Model]) -> str:
    if model is ProfileVersion:
        return "customer"
    return "keep__customer" if model is Merge else "dossier__customer"


def _seal_row(subject: str, model: type[models.Model], fields: list[str], row: models.Model) -> None:
    anew = {}
    for field in fields:
        if sealed := bytes(getattr(row, field)):
            spot = _spot(row, field)
            anew[field] = seal(subject, spot, unseal(subject, spot, sealed))
    if anew:
        model._base_manager.filter(pk=row.pk).update(**anew)


def _spot(row: models.Model, field: str) -> Spot:
    if isinstance(row, ProfileVersion):
        return row.spot
    if isinstance(row, SealedNote):
        return row.spot(field)
    raise TypeError(f"nobody knows where {row._meta.label}.{field} is bound to")
