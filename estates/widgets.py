from __future__ import annotations

from django import forms

from estates.models import Estate
from estates.pinyin import typed_keys

OptionGroup = tuple[str | None, list[dict[str, object]], int | None]


class EstateSelect(forms.Select):
    """A select of estates whose options carry what may be typed for them: code, initials, pinyin."""

    def optgroups(self, name: str, value: list[str], attrs: dict[str, object] | None = None) -> list[OptionGroup]:
        groups: list[OptionGroup] = super().optgroups(name, value, attrs)
        for _label, options, _index in groups:
            for option in options:
                estate = getattr(option["value"], "instance", None)
                own = option["attrs"]
                if isinstance(estate, Estate) and isinstance(own, dict):
                    own["data-code"] = estate.code
                    own["data-keys"] = " ".join([estate.code, *typed_keys(estate.name)])
        return groups
