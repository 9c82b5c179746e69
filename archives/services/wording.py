"""What a person types about a dossier, as it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from archives.items import DOTS, name_key, phone_key, tidy
from archives.services.errors import DossierError
from archives.vocabulary import NAME, ItemKind, Purpose
from text.cleaning import clean
from vault.personal_data import find_personal_data

if TYPE_CHECKING:
    from archives.profiles import Profile

LONGEST_NOTE = 1_000
LONGEST_PURPOSE = 120
SHORTEST_NAME = 2
SHORTEST_PHONE = 6


def note_words(text: str) -> str:
    """A note that will be sealed: as it was written, tidied. Raises DossierError where it is too long to be kept."""
    return fitting(tidy(text, ItemKind.LONG), text, LONGEST_NOTE)


def fitting(plain: str, text: str, most: int) -> str:
    """`plain`, the tidied `text`. Raises DossierError for more than `most` characters: nothing is cut."""
    if max(len(plain), len(clean(text).strip())) > most:
        raise DossierError(_("文字超过 %(limit)d 个字，没有保存。请缩短。") % {"limit": most})
    return plain


def purpose_words(text: str, profile: Profile) -> str:
    """A purpose as the register keeps it, in the clear and for good: so it may name nobody.

    Raises DossierError when it is empty, or holds what looks like personal data or is in the profile.
    """
    plain = fitting(tidy(text, ItemKind.TEXT), text, LONGEST_PURPOSE)
    if not any(char.isalnum() for char in plain):
        raise DossierError(_("请写明目的：选一个常用目的，或写几个字。"))
    if find_personal_data(text) or _names(plain, profile):
        raise DossierError(_("目的会长期留在登记册里，请不要写姓名、电话或证件号码。"))
    return plain


def reading_purpose(text: str, profile: Profile) -> str:
    """One of the usual purposes, or words as `purpose_words` lets them pass. Raises DossierError."""
    return text if text in Purpose.values else purpose_words(text, profile)


def _names(text: str, profile: Profile) -> bool:
    folded, name = name_key(text), name_key(str(profile.get(NAME, "")))
    if len(name) >= SHORTEST_NAME and name in folded:
        return True
    digits = phone_key(text.strip(DOTS))
    values = [value for value in profile.values() if isinstance(value, str)]
    numbers = [phone_key(value) for value in values if sum(map(str.isdigit, value)) >= SHORTEST_PHONE]
    return any(number and number in digits for number in numbers)
