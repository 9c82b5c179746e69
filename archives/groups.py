"""What the derived groups may change in the admin: the template and the gates' rules, for those who answer for all
estates."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission

from estates.models import Estate
from estates.roles import Role

TEMPLATE_ROLES = frozenset({Role.ARCHIVIST, Role.MANAGER})
CODENAMES = tuple(
    f"{act}_{model}" for model in ("templateversion", "gaterule", "retentionrule") for act in ("view", "add", "change")
)


def grant_template(group: Group, role: Role, estate: Estate | None) -> None:
    if role in TEMPLATE_ROLES and estate is None:
        group.permissions.add(*Permission.objects.filter(content_type__app_label="archives", codename__in=CODENAMES))
