"""*Why is this here*, and what was said to it, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Choices
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casebook.applicability import Why
from casebook.models import PackItem
from casebook.vocabulary import Climate, Component, ProductType, Severity, Verdict, listed

LISTS: dict[Why, type[Choices]] = {
    Why.COMPONENT: Component,
    Why.PRODUCT_TYPE: ProductType,
    Why.CLIMATE: Climate,
}


def reason_words(stored: Iterable[tuple[str, Sequence[str]]]) -> list[str]:
    """The words of `PackItem.reasons`, in their order."""
    return [_one(Why(why), value) for why, value in stored]


def _one(why: Why, value: Sequence[str]) -> str:
    if why in LISTS:
        return listed(LISTS[why], value)
    if why is Why.DRAWING:
        return _("由图纸引起")
    if why is Why.SEVERITY:
        return str(Severity(int(value[0])).label)
    number = int(value[0])
    return {
        Why.HOMES: ngettext("涉及 %(n)d 户", "涉及 %(n)d 户", number),
        Why.RECURRED: ngettext("重复发生 %(n)d 次", "重复发生 %(n)d 次", number),
        Why.PHOTOS: ngettext("照片 %(n)d 张", "照片 %(n)d 张", number),
    }[why] % {"n": number}


def verdict_word(item: PackItem, verdict: str) -> str:
    """A problem is avoided, a good practice adopted; empty for no verdict."""
    if not verdict:
        return ""
    if item.is_positive and verdict == Verdict.AVOIDED:
        return _("已采用")
    if item.is_positive and verdict == Verdict.NOT_AVOIDED:
        return _("未采用")
    return str(Verdict(verdict).label)
