"""Fields a query may name, in Chinese and English, and who knows their values."""

from __future__ import annotations

from collections.abc import Callable, Collection

NAMES: dict[str, tuple[str, ...]] = {
    "estate": ("楼盘", "项目", "estate"),
    "month": ("月份", "月", "month"),
    "department": ("责任部门", "部门", "department", "dept"),
    "discipline": ("专业", "discipline", "trade"),
    "category": ("类别", "category"),
    "stage": ("阶段", "stage"),
    "kind": ("类型", "kind", "type"),
    "state": ("状态", "state"),
    "date": ("日期", "时间", "date"),
}
FIELD_OF = {name: field for field, names in NAMES.items() for name in names}
Resolver = Callable[[str], Collection[str]]
_resolvers: dict[str, Resolver] = {}


def register_values(field: str, resolve: Resolver) -> None:
    """`resolve` gives the facet values that a typed text names; none when it names nothing."""
    if field not in NAMES:
        raise ValueError(f"no search field {field!r}")
    _resolvers[field] = resolve


def values_named(field: str, text: str) -> frozenset[str]:
    resolve = _resolvers.get(field)
    return frozenset(resolve(text)) if resolve else frozenset()
