"""The roles of the domain and the kinds of department they belong to."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class DepartmentKind(models.TextChoices):
    CUSTOMER_SERVICE = "customer_service", _("客户服务")
    DESIGN = "design", _("设计")
    ENGINEERING = "engineering", _("工程")
    SALES = "sales", _("销售")
    PROPERTY = "property", _("物业")
    MANAGEMENT = "management", _("公司领导")


class Role(models.TextChoices):
    EDITOR = "editor", _("客服编辑")
    MANAGER = "manager", _("客服经理")
    ARCHIVIST = "archivist", _("档案管理员")
    DESIGN = "design", _("设计管理")
    ENGINEERING = "engineering", _("项目工程")
    SALES = "sales", _("销售")
    PROPERTY = "property", _("物业公司")
    DIRECTOR = "director", _("分管领导")
    GENERAL_MANAGER = "general_manager", _("总经理")
    AUDITOR = "auditor", _("审计")
    SUBSCRIBER = "subscriber", _("会员/业主")


CUSTOMER_SERVICE = frozenset({Role.EDITOR, Role.MANAGER, Role.ARCHIVIST})
"""Only these enter the Wagtail admin."""

OVERSIGHT = frozenset({Role.DIRECTOR, Role.GENERAL_MANAGER, Role.AUDITOR})
"""These read every published record of their estates and change none."""

CONFIRMS_FOR: dict[str, DepartmentKind] = {
    Role.MANAGER: DepartmentKind.CUSTOMER_SERVICE,
    Role.DESIGN: DepartmentKind.DESIGN,
    Role.ENGINEERING: DepartmentKind.ENGINEERING,
    Role.SALES: DepartmentKind.SALES,
    Role.PROPERTY: DepartmentKind.PROPERTY,
}
"""Whose word a department's word is: the role that confirms or objects for a department of that kind."""
