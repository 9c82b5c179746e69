"""What a person types into a note, as it is kept."""

from __future__ import annotations

import unicodedata

from django.utils.translation import gettext as _

from casebook.services.errors import CaseError
from vault.personal_data import REFUSED, find_personal_data

KEPT = "\n\t"


def tidy(text: str, most: int) -> str:
    """Trimmed, at most `most` characters, without control characters and lone surrogates, which no database keeps."""
    plain = "".join(char for char in text if char in KEPT or unicodedata.category(char) not in ("Cc", "Cs"))
    return plain.strip()[:most].rstrip()


def names_contacts(text: str) -> bool:
    """Does it hold a phone or an ID number?"""
    return any(found.kind in REFUSED for found in find_personal_data(text))


def impersonal_words(text: str, most: int) -> str:
    """`tidy`, and refused with CaseError where it holds a phone or an ID number: notes go to many people."""
    plain = tidy(text, most)
    if names_contacts(plain):
        raise CaseError(_("文字里有电话号码或证件号，请去掉后再保存。"))
    return plain
