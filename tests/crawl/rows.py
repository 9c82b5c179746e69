"""A row of any model, and its optional fields filled with nothing, with something, or with as much as they hold."""

from __future__ import annotations

import uuid
from datetime import date
from enum import StrEnum
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from modelcluster.fields import ParentalKey
from wagtail.models import Page

OURS = (
    "cms",
    "magazine",
    "website",
    "service",
    "media",
    "search",
    "exchange",
    "vault",
    "estates",
    "casebook",
    "archives",
)
LONG_TEXT = 5_000
MARK = "外楼盘示例"
"""In every text that people wrote about an estate: nobody without business there may read it."""


class Filling(StrEnum):
    BARE = "bare"
    FULL = "full"
    LONGEST = "longest"


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in OURS]


def ensure_row(model: type[models.Model]) -> None:
    """Make a row with what is required, where the model has none."""
    if issubclass(model, Page) or model._base_manager.exists():
        return
    values = {}
    for field in model._meta.concrete_fields:
        if (
            isinstance(field, models.AutoField)
            or field.has_default()
            or field.null
            or (field.blank and _is_text(field))
        ):
            continue
        if getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False):
            continue
        values[field.attname] = _required(field)
    model._base_manager.bulk_create([model(**values)])


def _required(field: models.Field[object, object]) -> object:
    if isinstance(field, models.ForeignKey):
        related = field.related_model._base_manager.order_by("pk").first()
        assert related is not None, f"{field}: no row to point at"
        return related.pk
    return _value(field, Filling.FULL)


def _is_text(field: models.Field[object, object]) -> bool:
    return isinstance(field, models.CharField | models.TextField)


def _value(field: models.Field[object, object], filling: Filling) -> object:
    if field.choices:
        return [value for value, _label in field.flatchoices][0 if filling is Filling.FULL else -1]
    if _is_text(field):
        return _text(field, filling)
    for kind, (some, most) in VALUES.items():
        if isinstance(field, kind):
            return most if filling is Filling.LONGEST else some
    if isinstance(field, models.UUIDField):
        return uuid.uuid4()
    if isinstance(field, models.DecimalField):
        whole = field.max_digits - field.decimal_places
        return f"{'9' * whole}.{'9' * field.decimal_places}" if filling is Filling.LONGEST else "12.5"
    raise NotImplementedError(f"{field.model.__name__}.{field.name}: {type(field).__name__}")


DAY = date(2026, 11, 1)
ADDRESS = "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff"
VALUES: dict[type[models.Field[Any, Any]], tuple[object, object]] = {
    models.DateTimeField: (timezone.now(), timezone.now()),
    models.DateField: (DAY, DAY),
    models.FloatField: (0.5, 0.123456789),
    models.BooleanField: (True, True),
    models.PositiveSmallIntegerField: (2, 32_767),
    models.IntegerField: (3, 2_147_483_647),
    models.GenericIPAddressField: (ADDRESS, ADDRESS),
    models.BinaryField: (b"\0", b"\0"),
}
"""Something, and as much as there may be, by kind of field; the narrower kinds first."""


def _text(field: models.Field[object, object], filling: Filling) -> str:
    if field.unique or field.name in KEYS:
        return uuid.uuid4().hex[: field.max_length or 32]
    most = field.max_length or LONG_TEXT
    if filling is Filling.FULL:
        return f"{_opening(field)}一{field.name}"[:most]
    return (_opening(field) + "很长的内容没有停顿" * (most // 9 + 1))[:most]


def _opening(field: models.Field[object, object]) -> str:
    return MARK if field.model._meta.label in OF_AN_ESTATE else "示例"


OF_AN_ESTATE = frozenset(
    {
        "archives.ChangeRequest",
        "archives.Contact",
        "archives.DossierPage",
        "archives.Handover",
        "archives.Hold",
        "archives.Loan",
        "archives.PersonRequest",
        "casebook.Adoption",
        "casebook.Answer",
        "casebook.AnswerCheck",
        "casebook.CasePage",
        "casebook.CasePhoto",
        "casebook.Condition",
        "casebook.LeftOutCase",
        "casebook.LessonReview",
        "casebook.LinkVisit",
        "casebook.OutsideLink",
        "casebook.PackItem",
        "casebook.Project",
        "casebook.ReviewPack",
        "casebook.SignOff",
        "estates.Building",
        "estates.NumberEntry",
        "estates.Phase",
        "estates.Unit",
        "media.Photo",
    }
)
"""Whose texts belong to an estate. What stands elsewhere is the whole company's, or the public's."""


KEYS = frozenset(
    {"key", "token", "token_hash", "code_hash", "subject", "row", "mac", "signature", "slug", "code", "scope"}
)
NOT_WRITTEN_BY_PEOPLE = KEYS | {
    "address",
    "asked",
    "base",
    "category",
    "channel",
    "consent",
    "copy",
    "department",
    "digest",
    "digests",
    "discipline",
    "domain",
    "draft_title",
    "email",
    "error",
    "estate",
    "extension",
    "extras",
    "file",
    "file_hash",
    "filter_spec",
    "focal_point_height",
    "focal_point_key",
    "focal_point_width",
    "focal_point_x",
    "focal_point_y",
    "html",
    "kind",
    "language",
    "locked_by",
    "model",
    "month",
    "new_path",
    "number",
    "old_path",
    "page",
    "password",
    "path",
    "pdf",
    "pdf_sha256",
    "period",
    "record",
    "record_id",
    "record_kind",
    "search_description",
    "seo_title",
    "sha256",
    "source_id",
    "stage",
    "state",
    "term",
    "text",
    "unit_code",
    "url_path",
    "username",
}
"""What the product itself writes; filled by it, not by people."""


def fill(filling: Filling) -> int:
    """Fill what people may leave empty, in every row. Returns how many fields of models were filled or emptied."""
    count = 0
    for model in our_models():
        values = {}
        for field in model._meta.local_concrete_fields:
            if _is_optional(field) and not (field.unique and filling is not Filling.BARE):
                values[field.attname] = _empty(field) if filling is Filling.BARE else _value(field, filling)
            elif filling is Filling.LONGEST and field.name in TITLES and _is_text(field) and not field.unique:
                values[field.attname] = _text(field, filling)
        count += sum(_set(model, name, value) for name, value in values.items())
    return count


def _set(model: type[models.Model], name: str, value: object) -> bool:
    """Whether the database allows the value: some stand or fall with others of the row."""
    try:
        with transaction.atomic():
            model._base_manager.update(**{name: value})
    except IntegrityError:
        return False
    return True


TITLES = frozenset({"title", "name", "theme", "what", "purpose", "label", "demand", "institute", "words"})


def _is_optional(field: models.Field[object, object]) -> bool:
    if field.primary_key or field.is_relation or field.name in NOT_WRITTEN_BY_PEOPLE or not field.editable:
        return False
    if isinstance(field, models.BinaryField | models.JSONField | models.DateTimeField | models.FileField):
        return False
    if not (_is_text(field) or isinstance(field, models.IntegerField | models.DecimalField | models.DateField)):
        return False
    if isinstance(field, ParentalKey) or field.get_internal_type() == "StreamField":
        return False
    return bool(field.blank or field.null)


def _empty(field: models.Field[object, object]) -> object:
    return None if field.null else ""
