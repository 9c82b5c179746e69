from __future__ import annotations

from django import forms

from estates.models import Estate
from estates.pinyin import typed_keys


class EstateSelect(forms.Select):
    """A select of estates whose options carry what may be typed for them: code, initials, pinyin."""

    def create_option(self, *args: object, **kwargs: object) -> dict[str, object]:
        option: dict[str, object] = super().create_option(*args, **kwargs)
        estate = getattr(option["value"], "instance", None)
        if isinstance(estate, Estate):
            attrs = {"data-code": estate.code, "data-keys": " ".join([estate.code, *typed_keys(estate.name)])}
            option["attrs"] = {**(option["attrs"] if isinstance(option["attrs"], dict) else {}), **attrs}
        return option
