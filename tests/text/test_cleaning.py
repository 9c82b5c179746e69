"""What the door lets in."""

from __future__ import annotations

import unicodedata
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text.cleaning import clean, clean_line

FAMILY = "👨\u200d👩\u200d👧"
SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"

CLEANED = {
    "zero width": ("渗\u200b漏", "渗漏"),
    "soft hyphen": ("water\u00adproof", "waterproof"),
    "bidi": ("\u202e渗漏\u202c", "渗漏"),
    "byte order mark": ("\ufeff渗漏", "渗漏"),
    "soft return": ("第一行\u000b第二行", "第一行\n第二行"),
    "line separators": ("一\u2028二\u2029三\u0085四\r\n五\r六\u000c七", "一\n二\n三\n四\n五\n六\n七"),
    "control": ("a\u0000b\u0007c\u001bd", "abcd"),
    "no character": ("a\ufffeb\ufdd0c\U0001ffffd", "abcd"),
    "half surrogate": ("a\ud800b", "ab"),
    "filler": ("a\u3164b\u115fc\uffa0", "abc"),
    "selector without effect": ("漏\ufe0f水", "漏水"),
    "tag outside a flag": ("漏\U000e0061水", "漏水"),
    "joiner outside emoji": ("漏\u200d水", "漏水"),
    "joined emoji": (FAMILY, FAMILY),
    "flag": (SCOTLAND, SCOTLAND),
    "emoji selector": ("❤\ufe0f", "❤\ufe0f"),
    "key cap": ("1\ufe0f\u20e3", "1\ufe0f\u20e3"),
    "skin and joiner": ("👩🏽\u200d🔧", "👩🏽\u200d🔧"),
    "ideographic variant": ("葛\U000e0100", "葛\U000e0100"),
    "private use stays": ("示\ue000例", "示\ue000例"),
    "written as it was": ("１２㎡ ⻋库　“引”…①\t\n", "１２㎡ ⻋库　“引”…①\t\n"),
    "empty braille cell": ("\u2800", " "),
}


@pytest.mark.parametrize(("dirty", "cleaned"), CLEANED.values(), ids=CLEANED)
def test_what_nobody_sees_is_gone_and_the_rest_is_as_written(dirty: str, cleaned: str) -> None:
    assert clean(dirty) == cleaned


@pytest.mark.parametrize("char", ["\u200b", "\u3164", "\u2060", "\ufeff", "\u034f", "\u2800", "\u00ad\u3000", "\ufe0f"])
def test_a_text_of_nothing_that_is_seen_is_empty(char: str) -> None:
    assert clean(char * 3).strip() == ""
    assert clean_line(char * 3) == ""


def test_a_line_has_single_blanks() -> None:
    assert clean_line(" 一\u000b二 \u3000三\t四\n") == "一 二 三 四"


@given(st.text(st.characters() | st.sampled_from(list("".join(dirty for dirty, _cleaned in CLEANED.values())))))
def test_any_text_is_cleaned_once_and_fits_into_xml(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert not any(unicodedata.category(char) == "Cs" for char in cleaned)
    element = ET.Element("a")
    element.text = cleaned
    assert ET.fromstring(ET.tostring(element)).text == (cleaned or None)  # noqa: S314
