from __future__ import annotations

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from estates.models import Estate
from magazine.addresses import Address, BadAddress, parse_address
from magazine.models import DigestWish, Subscriber
from magazine.services.subscribing import Wishes
from magazine.vocabulary import Interest


class WishesForm(forms.Form):
    """What a subscriber wants to read of."""

    interests = forms.MultipleChoiceField(
        label=_("想收到"),
        choices=Interest.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=Interest.values,
        error_messages={"required": _("请至少选一样；都不想收，请用下面的退订。")},
    )
    estates = forms.ModelMultipleChoiceField(
        label=_("关心的楼盘"),
        queryset=Estate.objects.order_by("code"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("不选，就收所有楼盘的消息。"),
    )

    @classmethod
    def of(cls, subscriber: Subscriber) -> WishesForm:
        initial = {"interests": subscriber.interests, "estates": subscriber.estates.all()}
        return cls(initial=initial, label_suffix="")

    @property
    def wishes(self) -> Wishes:
        return Wishes(list(self.cleaned_data["estates"]), self.cleaned_data["interests"])


class SubscribeForm(WishesForm):
    """`website` is a field that people do not see and programmes fill in."""

    address = forms.CharField(
        label=_("邮箱地址"),
        max_length=400,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={"required": _("请填写邮箱地址，例如 name@example.com。")},
    )
    consent = forms.BooleanField(
        label=_("我同意用这个邮箱接收会刊，并知道可以随时退订。"),
        error_messages={"required": _("订阅需要您的同意，请勾选。")},
    )
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))
    field_order = ("address", "interests", "estates", "consent")

    def clean_address(self) -> Address:
        try:
            return parse_address(self.cleaned_data["address"])
        except BadAddress as error:
            raise forms.ValidationError(str(error)) from error


class DigestForm(forms.ModelForm[DigestWish]):
    class Meta:
        model = DigestWish
        fields = ("rhythm", "disciplines")
        widgets: ClassVar[dict[str, type[forms.Widget]]] = {"rhythm": forms.RadioSelect}


class PrepareForm(forms.Form):
    """To whom an issue goes: to those who want the magazine, or what it tells of, of all estates or of some."""

    interests = forms.MultipleChoiceField(
        label=_("寄给想收到这些的人"),
        choices=Interest.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=[Interest.MAGAZINE],
        error_messages={"required": _("请至少选一样。")},
    )

    estates = forms.ModelMultipleChoiceField(
        label=_("只发给这些楼盘"),
        queryset=Estate.objects.order_by("code"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("不选，就发给所有订阅会刊的人。"),
    )


class ApproveForm(forms.Form):
    at = forms.DateTimeField(
        label=_("发送时间"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        help_text=_("不填，批准后马上发送。"),
        error_messages={"invalid": _("请写成 2026-11-30 09:00。")},
    )
