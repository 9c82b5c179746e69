"""How a name may be typed in Latin letters."""

from __future__ import annotations

from functools import lru_cache

from pypinyin import Style, lazy_pinyin


@lru_cache(maxsize=2048)
def typed_keys(name: str) -> tuple[str, str]:
    """Initials and full pinyin of a name: 云栖湾 → (`yqw`, `yunqiwan`)."""
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)), "".join(lazy_pinyin(name))


def bare_name(name: str) -> str:
    """A person's name without what stands in brackets behind it: 王五（示例） → 王五."""
    return name.partition("（")[0].partition("(")[0].strip()
