"""Words that staff declare to mean the same, with effect on the next search; and the queries that found nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, F, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from estates.models import Department, Estate
from estates.pinyin import typed_keys
from search.analysis import normalise, phrase
from search.models import FailedQuery, FoundAfterwards, SynonymGroup
from text.names import may_hold_a_name
from vault.personal_data import find_personal_data

if TYPE_CHECKING:
    from estates.access import Person

SEPARATOR = re.compile(r"[、,，;；/|｜=＝\s]+")
FEWEST, MOST, LONGEST = 2, 20, 20
LONGEST_FAILED, MOST_FAILED = 60, 500
KEPT = timedelta(weeks=13)
LONG_NUMBER = re.compile(r"\d{5}")


class SynonymError(ValueError):
    """Words that make no group; the message says why, in the user's language."""


def words_in(text: str) -> list[str]:
    """The words of a list as staff write it, normalised, each once."""
    return list(dict.fromkeys(word for word in SEPARATOR.split(normalise(text)) if phrase(word)))


@transaction.atomic
def save_group(text: str, *, group: SynonymGroup | None = None) -> SynonymGroup:
    """Make a group of the words, or change it. Raises SynonymError."""
    words = words_in(text)
    if len(words) < FEWEST:
        raise SynonymError(_("请写至少两个词，用顿号或空格隔开，例如：漏水、渗漏、渗水。"))
    if len(words) > MOST:
        raise SynonymError(_("一组最多 %(most)d 个词。") % {"most": MOST})
    if long := [word for word in words if len(word) > LONGEST]:
        raise SynonymError(_("“%(word)s”太长：每个词最多 %(most)d 个字。") % {"word": long[0], "most": LONGEST})
    for other in SynonymGroup.objects.exclude(pk=group.pk if group else 0):
        if shared := set(words).intersection(words_in(other.words)):
            raise SynonymError(
                _("“%(word)s”已经在另一组里：%(group)s。请改那一组。") % {"word": min(shared), "group": other.words}
            )
    kept = group or SynonymGroup()
    kept.words = "、".join(words)
    kept.save()
    FailedQuery.objects.filter(text__in=words).delete()
    FoundAfterwards.objects.filter(text__in=words).delete()
    return kept


def synonyms() -> Mapping[str, tuple[str, ...]]:
    """Each word with the others of its group."""
    found: dict[str, tuple[str, ...]] = {}
    for text in SynonymGroup.objects.values_list("words", flat=True):
        words = text.split("、")
        for word in words:
            found[word] = tuple(other for other in words if other != word)
    return found


NamesSomebody = Callable[["Person", str], bool]
_private: list[NamesSomebody] = []


def register_private(names_somebody: NamesSomebody) -> None:
    """A room that knows people says whether a text names one of them, as far as the person who asks may know it."""
    _private.append(names_somebody)


def names_somebody(user: Person, text: str) -> bool:
    """Whether the text names a person whom the user may look up. Others learn nothing: for them it never does."""
    return any(names(user, text) for names in _private)


def may_name_somebody(text: str) -> bool:
    """Whether a text may hold a name or a number of a person, so that it is kept nowhere. It is judged by how names are
    made, for everybody alike: the answer says nothing of who is in the archive (decision 0021)."""
    return bool(find_personal_data(text)) or may_hold_a_name(normalise(text), known=_own_words())


def is_private(user: Person, text: str) -> bool:
    """Whether the text may name a person, so that it enters no address, log or list."""
    return may_name_somebody(text) or names_somebody(user, text)


def _own_words() -> Iterator[str]:
    """Words of the company that name no person."""
    for words in SynonymGroup.objects.values_list("words", flat=True):
        yield from words.split("、")
    for estate in Estate.objects.all():
        yield from (normalise(estate.name), estate.code, *typed_keys(normalise(estate.name)))
    yield from map(normalise, Department.objects.values_list("name", flat=True))


def note_failed(text: str) -> None:
    """Count a query that found nothing. Long numbers, which may be somebody's, and names are never kept."""
    plain = " ".join(normalise(text).split())
    if not plain or len(plain) > LONGEST_FAILED or LONG_NUMBER.search(plain):
        return
    if may_name_somebody(text):
        return
    week = monday_of(timezone.localdate())
    known = FailedQuery.objects.filter(text=plain, week=week).first()
    if known:
        known.times = F("times") + 1
        known.save(update_fields=["times", "last_at"])
    elif FailedQuery.objects.filter(week=week).count() < MOST_FAILED:
        FailedQuery.objects.get_or_create(text=plain, week=week)
    FailedQuery.objects.filter(week__lt=week - KEPT).delete()
    FoundAfterwards.objects.filter(last_at__lt=timezone.now() - KEPT).delete()


def forget_failed(text: str) -> None:
    """Nobody needs a word for it."""
    FailedQuery.objects.filter(text=text).delete()
    FoundAfterwards.objects.filter(text=text).delete()


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def note_found(text: str, words: str, *, kind: str, record_id: int) -> None:
    """After `text` found nothing, other words led to a record that was opened. Names and long numbers are never
    kept."""
    plain, found = (" ".join(normalise(one).split()) for one in (text, words))
    if not plain or not found or plain == found or max(len(plain), len(found)) > LONGEST_FAILED:
        return
    if not FailedQuery.objects.filter(text=plain).exists() or LONG_NUMBER.search(found) or may_name_somebody(words):
        return
    row, made = FoundAfterwards.objects.get_or_create(text=plain, words=found, kind=kind, record_id=record_id)
    if not made:
        row.times = F("times") + 1
        row.save(update_fields=["times", "last_at"])


@dataclass(frozen=True, slots=True)
class Proposal:
    """Words that found something where `text` did not: how often, and in how many records."""

    text: str
    words: str
    times: int
    records: int


def proposals() -> list[Proposal]:
    """Synonyms that the records opened afterwards speak for, the strongest first; without those that stand already."""
    rows = FoundAfterwards.objects.values("text", "words").annotate(total=Sum("times"), records=Count("pk"))
    known = synonyms()
    found = [Proposal(row["text"], row["words"], row["total"], row["records"]) for row in rows.order_by()]
    open_ones = [one for one in found if one.words not in known.get(one.text, ())]
    return sorted(open_ones, key=lambda one: (-one.times, one.text, one.words))


__all__ = [
    "Proposal",
    "SynonymError",
    "forget_failed",
    "is_private",
    "may_name_somebody",
    "monday_of",
    "names_somebody",
    "note_failed",
    "note_found",
    "proposals",
    "register_private",
    "save_group",
    "synonyms",
    "words_in",
]
