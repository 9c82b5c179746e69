"""A parsed query in words, as the page shows it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _

from search.meaning.encoder import Lack, NoEncoder
from search.queries import Alternative, Query, Term


def lack_in_words(lack: NoEncoder) -> str:
    """Why search does without meaning, and what to do."""
    if lack.lack is Lack.OFF:
        return _("按意思查找已关闭（SEARCH_BY_MEANING=0）。")
    if lack.lack is Lack.NOT_INSTALLED:
        return _("没有安装按意思查找的扩展。需要时运行 make meaning，再重启网站和 worker。")
    return _("按意思查找的模型文件缺失或损坏（%(file)s），已停用，按词语查找照常。请重新安装：make meaning。") % {
        "file": lack.file
    }


def duration_in_words(seconds: int) -> str:
    """In hours and minutes, rounded up to a minute."""
    hours, minutes = divmod(-(-seconds // 60), 60)
    if hours:
        return _("%(hours)d 小时 %(minutes)d 分") % {"hours": hours, "minutes": minutes}
    return _("%(minutes)d 分") % {"minutes": minutes}


FieldWords = Callable[[str, Iterable[str]], str]
"""Given a field and values, what a person reads: `楼盘：云栖湾`."""


def in_words(query: Query, field_words: FieldWords, *, chosen: Iterable[str] = ()) -> list[str]:
    """Each condition of the query; empty for a plain list of words, which needs no explanation. Fields of `chosen`
    are shown by the page already."""
    selection = query.selection
    groups = [_either(group) for group in selection.groups]
    conditions = [field_words(n, sorted(v)) for n, v in selection.facets.items() if n not in (*chosen, "kind")]
    conditions += [_("不是%(field)s") % {"field": field_words(n, sorted(v))} for n, v in selection.without.items()]
    if selection.since or selection.until:
        ends = {"since": selection.since or "…", "until": selection.until or "…"}
        conditions.append(_("日期：%(since)s 至 %(until)s") % ends)
    excluded = [f"“{one.text}”" for one in selection.excluded]
    special = conditions or excluded or any(len(g) > 1 for g in selection.groups) or query.unknown
    codes = [one for group in selection.groups for one in group if not isinstance(one, Term) and len(group) == 1]
    if not special and not codes:
        return []
    parts = [_("含 %(words)s") % {"words": _("和").join(groups)}] if groups else []
    parts += [_("不含 %(words)s") % {"words": _("、").join(dict.fromkeys(excluded))}] if excluded else []
    parts += conditions
    parts += [_("“%(word)s”没有对应的条目，按普通词语查找") % {"word": word} for word in query.unknown]
    return parts


def _either(group: Iterable[Alternative]) -> str:
    texts = dict.fromkeys(f"“{one.text}”" for one in group)
    return _("或").join(texts)
