"""What a person types into a note, as it is kept."""

from __future__ import annotations

from django.utils.translation import gettext as _

from casebook.services.errors import CaseError
from text.cleaning import clean
from vault.personal_data import REFUSED, find_personal_data, without_personal_data


def tidy(text: str, most: int) -> str:
    """Cleaned and trimmed. Raises CaseError for more than `most` characters: nothing is cut."""
    plain = clean(text).strip()
    if len(plain) > most:
        raise CaseError(_("文字超过 %(limit)d 个字，没有保存。请缩短。") % {"limit": most})
    return plain


def names_contacts(text: str) -> bool:
    """Does it hold a phone or an ID number?"""
    return any(found.kind in REFUSED for found in find_personal_data(text))


def masked_words(text: str) -> str:
    """Cleaned and trimmed, with *** for a phone or an ID number: for a reason that must not be lost by a refusal."""
    return without_personal_data(clean(text), REFUSED).strip()


def impersonal_words(text: str, most: int) -> str:
    """`tidy`, and refused with CaseError where it holds a phone or an ID number: notes go to many people."""
    if names_contacts(text):
        raise CaseError(_("文字里有电话号码或证件号，请去掉后再保存。"))
    return tidy(text, most)
