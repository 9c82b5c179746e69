from __future__ import annotations

from django import forms
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cms.accounts.services import set_own_password
from estates.models import User

LONGEST = 254


class ForgottenForm(forms.Form):
    written = forms.CharField(label=_("用户名或邮箱"), max_length=LONGEST, strip=True)


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    """For who comes by a link."""

    def save(self, commit: bool = True) -> User:
        return set_own_password(user=self.user, password=self.cleaned_data["new_password1"])


class ChangeForm(PasswordChangeForm):
    def clean_new_password1(self) -> str:
        new: str = self.cleaned_data["new_password1"]
        if self.user.check_password(new):
            raise ValidationError(_("新密码和现在的一样。请换一个。"))
        return new

    def save(self, commit: bool = True) -> User:
        return set_own_password(user=self.user, password=self.cleaned_data["new_password1"])
