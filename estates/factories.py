"""Estates, units, departments and people for samples and tests; people are plainly samples."""

from __future__ import annotations

from dataclasses import dataclass

from estates.groups import assign_role
from estates.models import Department, Estate, Unit, User
from estates.roles import DepartmentKind, Role
from estates.unit_codes import parse_unit
from estates.units import unit_named

SAMPLE_PASSWORD = "anjuan-sample"  # noqa: S105  printed by `make demo`; accounts of samples only


@dataclass(frozen=True, slots=True)
class Company:
    """The departments that every sample and test shares."""

    service: Department
    design: Department
    engineering: Department
    sales: Department
    property: Department


def make_company() -> Company:
    return Company(
        service=make_department("客户服务部", DepartmentKind.CUSTOMER_SERVICE),
        design=make_department("设计管理部", DepartmentKind.DESIGN),
        engineering=make_department("项目工程部", DepartmentKind.ENGINEERING),
        sales=make_department("销售部", DepartmentKind.SALES),
        property=make_department("物业公司", DepartmentKind.PROPERTY),
    )


def make_department(name: str, kind: DepartmentKind) -> Department:
    return Department.objects.get_or_create(name=name, defaults={"kind": kind})[0]


def make_estate(
    code: str = "YLW", name: str = "云栖湾", stage: str = Estate.Stage.OCCUPIED, homes: int | None = None
) -> Estate:
    fields = {"name": name, "stage": stage, "city": "示例市", "homes": homes}
    return Estate.objects.get_or_create(code=code, defaults=fields)[0]


def make_unit(estate: Estate, written: str = "3栋2单元1201", unit_type: str = "三室两厅") -> Unit:
    unit = unit_named(estate, parse_unit(written))
    unit.is_registered, unit.unit_type, unit.area = True, unit_type, 118
    unit.save()
    return unit


def make_user(username: str, name: str = "", password: str = SAMPLE_PASSWORD) -> User:
    found = User.objects.filter(username=username).first()
    if found:
        return found
    return User.objects.create_user(
        username, f"{username}@example.invalid", password, display_name=name or f"示例{username}"
    )


def make_person(
    username: str,
    role: Role,
    *,
    name: str = "",
    department: Department | None = None,
    estate: Estate | None = None,
) -> User:
    user = make_user(username, name)
    assign_role(user=user, role=role, department=department, estate=estate)
    return user
