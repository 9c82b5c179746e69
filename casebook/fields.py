from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db import models

if TYPE_CHECKING:
    from django.db.models import Choices

TEXT_FIELDS = ("title", "description", "cause", "measure", "lesson", "requirement", "no_photo_reason")
"""The fields of a case that hold free text."""


class ChoiceListField(models.JSONField):
    """Any number of values of a closed list, as a list of their codes in the order of the list.

    A form shows check boxes. In the database it is JSON: both databases can ask it, and a revision carries it as it is.
    """

    def __init__(self, *args: Any, choices_of: type[Choices] | None = None, **kwargs: Any) -> None:
        self.choices_of = choices_of
        kwargs.setdefault("default", list)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """Without the list: another word in it is no migration."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, list(args), kwargs

    def formfield(self, **kwargs: Any) -> forms.Field:
        return forms.MultipleChoiceField(
            choices=self.choices_of.choices if self.choices_of else [],
            widget=forms.CheckboxSelectMultiple,
            label=self.verbose_name,
            required=not self.blank,
            help_text=self.help_text,
        )
