from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from estates.models.places import Estate
from estates.roles import DepartmentKind, Role


class User(AbstractUser):
    """An account. What the person may do comes from `Assignment`s alone."""

    display_name = models.CharField(_("姓名"), max_length=40, blank=True)
    language = models.CharField(_("界面语言"), max_length=10, blank=True, choices=settings.LANGUAGES)
    must_change_password = models.BooleanField(_("登录后先改密码"), default=False, editable=False)
    sign_in_epoch = models.PositiveIntegerField(default=0, editable=False)
    """Counted up to end every session and every unused link of the account."""

    class Meta:
        verbose_name = _("用户")
        verbose_name_plural = _("用户")

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """A session lives as long as the password and the epoch under which it began."""
        told = f"{self.password}:{self.sign_in_epoch}"
        return salted_hmac("estates.User.session", told, secret=secret, algorithm="sha256").hexdigest()

    def get_full_name(self) -> str:
        return self.display_name or self.username

    def __str__(self) -> str:
        return self.get_full_name()


class Department(models.Model):
    name = models.CharField(_("部门名称"), max_length=40, unique=True)
    kind = models.CharField(_("部门类别"), max_length=20, choices=DepartmentKind)

    class Meta:
        verbose_name = _("部门")
        verbose_name_plural = _("部门")
        ordering = ("kind", "name")

    def __str__(self) -> str:
        return self.name


class Assignment(models.Model):
    """A role that a user holds; no department or no estate means all of them."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="assignments", verbose_name=_("用户")
    )
    role = models.CharField(_("角色"), max_length=20, choices=Role)
    department = models.ForeignKey(
        Department,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="assignments",
        verbose_name=_("部门"),
        help_text=_("留空表示全部部门。"),
    )
    estate = models.ForeignKey(
        Estate,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="assignments",
        verbose_name=_("楼盘"),
        help_text=_("留空表示全部楼盘。"),
    )

    class Meta:
        verbose_name = _("任职")
        verbose_name_plural = _("任职")
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "department", "estate"], name="assignment_once"),
            models.UniqueConstraint(
                fields=["user", "role", "department"],
                condition=models.Q(estate=None),
                name="assignment_everywhere_once",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "estate"],
                condition=models.Q(department=None),
                name="assignment_any_department_once",
            ),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=models.Q(department=None, estate=None),
                name="assignment_unlimited_once",
            ),
        ]

    def __str__(self) -> str:
        scope = " · ".join(str(part) for part in (self.department, self.estate) if part)
        return f"{self.user} {self.get_role_display()} {scope}".strip()
