"""The list that sales hands over: homes, and who bought them. Unit, phone and address are checked for each."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from archives import policies
from archives.items import DOUBTS, LONGEST, LONGEST_TEXT, doubt_about, identity_key, name_key, phone_key
from archives.models import Customer, CustomerToken, Tenure
from archives.profiles import Profile
from archives.services.entering import cleaned
from archives.services.taking_over import Arrival, Made, give_back, take_over
from archives.template import items_for, known_items, template_in_force
from archives.vocabulary import ADDRESS, GONE_STATES, IDENTITY, MOBILE, NAME, CustomerKind, ItemKind
from estates.access import reach_of
from estates.models import Estate
from estates.unit_codes import UnitCodeError, parse_unit
from exchange.importers import Ref, Work, Written
from exchange.models import ImportChunk
from exchange.tables import Column, Problem, TableRow, day_in
from text.cleaning import clean
from vault.blind_index import token
from vault.data_keys import destroy_many

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from archives.models import TemplateItem
    from estates.access import Person

SHORTEST_ADDRESS, LARGEST_AREA, LONGEST_UNIT_TYPE = 6, 10**6, 40
EARLIEST = date(1980, 1, 1)
COMPANY_NAME = re.compile(r"公司|集团|企业|工厂|商行|合伙|事务所|合作社|研究院")
CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
UNIT, UNIT_TYPE, AREA, KIND = "unit", "unit_type", "area", "customer_kind"
OPENED, HANDOVER, DEED_DONE = "opened_on", "handover_on", "deed_on"
DAYS = (OPENED, HANDOVER, DEED_DONE)
OTHER_NAMES: dict[str, tuple[str, ...]] = {
    NAME: ("姓名", "客户姓名", "业主姓名", "业主", "客户名称"),
    IDENTITY: ("证件号", "身份证号", "身份证号码", "统一社会信用代码"),
    MOBILE: ("手机号", "手机号码", "联系电话", "电话"),
    ADDRESS: ("通讯地址", "联系地址", "地址"),
}
WORDS = {
    "unit_missing": gettext_lazy("没有填写房号"),
    "unit_unreadable": gettext_lazy("看不懂房号，请写成 3栋2单元1201 或 3-2-1201"),
    "unit_twice": gettext_lazy("和第 %(row)d 行是同一套房"),
    "unit_taken": gettext_lazy("这套房已有另一位业主的档案；转卖请单独办理"),
    "tenure_past": gettext_lazy("签约日期在以前业主的产权期之内"),
    "name_missing": gettext_lazy("没有填写姓名"),
    "phone_missing": gettext_lazy("没有填写手机"),
    "address_missing": gettext_lazy("没有填写通信地址"),
    "address_short": gettext_lazy("通信地址没有写到门牌"),
    "day": gettext_lazy("不是日期，请写成 2026-11-23"),
    "day_future": gettext_lazy("签约日期不能在今天之后"),
    "customer_kind": gettext_lazy("客户类型只能是个人或企业"),
    "area": gettext_lazy("面积不是数字"),
    "area_exact": gettext_lazy("面积最多写两位小数"),
    "unit_type": gettext_lazy("户型最多 40 个字"),
    "too_long_item": gettext_lazy("内容太长，最多 %(limit)d 个字"),
    "day_missing": gettext_lazy("没有填写签约日期"),
    "day_early": gettext_lazy("签约日期不像真的：应在 1980 年以后"),
    "kind_missing": gettext_lazy("客户类型没有填，看姓名或证件号像是企业：请写个人或企业"),
    "worked_on": gettext_lazy("已有人在这份档案上继续工作，保留"),
    **{f"doubt_{code}": words for code, words in DOUBTS.items()},
}
KINDS = {"": CustomerKind.INDIVIDUAL, "个人": CustomerKind.INDIVIDUAL, "企业": CustomerKind.COMPANY} | {
    "individual": CustomerKind.INDIVIDUAL,
    "company": CustomerKind.COMPANY,
}
SEEN = "seen"


class HandoverImporter:
    code = "handover"
    is_private = True

    @property
    def title(self) -> str:
        return _("交房客户移交表")

    @property
    def help(self) -> str:
        return _("每行一套房：房号、姓名、手机、通信地址。还没有客户的房子只填房号。")

    @property
    def words(self) -> Mapping[str, str]:
        return {code: str(words) for code, words in WORDS.items()}

    def estates(self, user: Person) -> QuerySet[Estate]:
        return Estate.objects.filter(reach_of(user, policies.HANDING_OVER_ROLES).q("pk"))

    def may_import(self, user: Person, options: Mapping[str, Any]) -> bool:
        return reach_of(user, policies.HANDING_OVER_ROLES).covers(int(options.get("estate", 0)))

    def columns(self, options: Mapping[str, Any]) -> Sequence[Column]:
        estate = Estate.objects.get(pk=options["estate"])
        items = items_for(template_in_force(), estate)
        first = [item for code in (NAME, MOBILE, ADDRESS, IDENTITY) for item in items if item.code == code]
        rest = [item for item in items if item not in first]
        return [
            Column(UNIT, _("房号"), ("房号", "房间号", "房间", "Home"), required=True),
            *(_column(item) for item in first),
            Column(OPENED, _("签约日期"), ("签约日期", "合同日期", "Signed on")),
            Column(HANDOVER, _("交房日期"), ("交房日期", "Handover")),
            Column(DEED_DONE, _("办证日期"), ("办证日期", "Deed date")),
            Column(KIND, _("客户类型"), ("客户类型", "Customer type")),
            Column(UNIT_TYPE, _("户型"), ("户型", "Unit type")),
            Column(AREA, _("面积（m²）"), ("面积（m²）", "面积", "建筑面积", "Area")),
            *(_column(item) for item in rest),
        ]

    def examine(self, rows: Sequence[TableRow], work: Work) -> list[Problem]:
        estate, known = Estate.objects.get(pk=work.options["estate"]), known_items()
        seen: dict[str, int] = work.memory.setdefault(SEEN, {})
        problems: list[Problem] = []
        for row in rows:
            problems += _problems_of(row, known)
            if (code := _code_of(row)) and (earlier := seen.setdefault(code, row.number)) != row.number:
                problems.append(Problem(row.number, UNIT, "unit_twice", {"row": earlier}))
        bad = {problem.row for problem in problems}
        good = [row for row in rows if row.number not in bad]
        _known, refused = _against(estate, good)
        return problems + refused

    def write(self, rows: Sequence[TableRow], work: Work) -> Written:
        estate, known = Estate.objects.get(pk=work.options["estate"]), known_items()
        there, refused = _against(estate, rows)
        skipped = {*there, *(problem.row for problem in refused)}
        arrivals = [_arrival(row, known) for row in rows if row.number not in skipped]
        made = take_over(by=work.by, estate=estate, arrivals=arrivals, batch=work.batch.subject)
        new = [(row, asdict(one)) for row, one in made if one != Made()]
        return Written(new, len(there) + len(made) - len(new), refused)

    def undo(self, made: Sequence[tuple[int, Ref]], work: Work) -> list[tuple[int, str]]:
        kept = give_back(by=work.by, made=[(row, Made(**ref)) for row, ref in made])
        return [(row, "worked_on") for row in kept]

    def forget(self, made: Sequence[tuple[int, Ref]]) -> None:
        destroy_many([ref["subject"] for _row, ref in made if ref["subject"]])


def _column(item: TemplateItem) -> Column:
    names = (item.label, item.label_en, *OTHER_NAMES.get(item.code, ()))
    return Column(item.code, item.words, tuple(filter(None, names)), required=item.code in (NAME, MOBILE, ADDRESS))


def _code_of(row: TableRow) -> str:
    try:
        return str(parse_unit(row.cells.get(UNIT, "")))
    except UnitCodeError:
        return ""


def _problems_of(row: TableRow, known: Mapping[str, TemplateItem]) -> list[Problem]:
    """What the row says of itself that cannot be right."""
    found: list[tuple[str, str]] = []
    if not row.cells.get(UNIT):
        found.append((UNIT, "unit_missing"))
    elif not _code_of(row):
        found.append((UNIT, "unit_unreadable"))
    found += [(column, "day") for column in DAYS if row.cells.get(column) and _day(row, column) is None]
    if opened := _day(row, OPENED):
        found += [(OPENED, "day_future")] if opened > timezone.localdate() else []
        found += [(OPENED, "day_early")] if opened < EARLIEST else []
    if row.cells.get(KIND, "").lower() not in KINDS:
        found.append((KIND, "customer_kind"))
    if row.cells.get(AREA) and _area(row) is None:
        found.append((AREA, "area"))
    elif row.cells.get(AREA) and (area := _area(row)) and area != round(area, 2):
        found.append((AREA, "area_exact"))
    if len(row.cells.get(UNIT_TYPE, "")) > LONGEST_UNIT_TYPE:
        found.append((UNIT_TYPE, "unit_type"))
    profile = _profile(row, known)
    if profile:
        found += [*_lacking(profile), *_doubts(row, profile, known), *_unsaid(row, profile)]
    return [*(Problem(row.number, column, code) for column, code in found), *_cut(row, known)]


def _unsaid(row: TableRow, profile: Profile) -> list[tuple[str, str]]:
    """Facts of the record that nobody may guess for the sender: the day of the contract, and what the customer is."""
    found = [] if row.cells.get(OPENED) else [(OPENED, "day_missing")]
    name, number = str(profile.get(NAME, "")), identity_key(str(profile.get(IDENTITY, "")))
    looks_like_one = COMPANY_NAME.search(name) or (CREDIT_CODE.fullmatch(number) and not number[:17].isdigit())
    return [*found, (KIND, "kind_missing")] if looks_like_one and not row.cells.get(KIND) else found


def _cut(row: TableRow, known: Mapping[str, TemplateItem]) -> list[Problem]:
    """Texts longer than their items keep."""
    found = []
    for code, text in row.cells.items():
        if code in known and known[code].kind != ItemKind.CHOICES:
            limit = LONGEST.get(known[code].kind, LONGEST_TEXT)
            found += [Problem(row.number, code, "too_long_item", {"limit": limit})] if len(clean(text)) > limit else []
    return found


def _lacking(profile: Profile) -> list[tuple[str, str]]:
    """Sales hands over whole customers: name, phone and an address to the door."""
    address = str(profile.get(ADDRESS, ""))
    short = [(ADDRESS, "address_short")] if address and len(address) < SHORTEST_ADDRESS else []
    required = {NAME: "name_missing", MOBILE: "phone_missing", ADDRESS: "address_missing"}
    return short + [(item, code) for item, code in required.items() if not profile.get(item)]


def _doubts(row: TableRow, profile: Profile, known: Mapping[str, TemplateItem]) -> list[tuple[str, str]]:
    kind = KINDS.get(row.cells.get(KIND, "").lower(), CustomerKind.INDIVIDUAL)
    found = []
    for code, value in profile.items():
        options = [kept for kept, _shown in known[code].choices]
        if doubt := doubt_about(known[code].kind, value, options=options, customer=kind):
            found.append((code, f"doubt_{doubt}"))
    return found


def _profile(row: TableRow, known: Mapping[str, TemplateItem]) -> Profile:
    profile: Profile = {}
    for code, text in row.cells.items():
        if code in known and (value := cleaned(known[code], _parts(text, known[code]))):
            profile[code] = value
    return profile


def _parts(text: str, item: TemplateItem) -> str | list[str]:
    if item.kind == ItemKind.CHOICES:
        return [part.strip() for part in text.replace("，", "、").replace(",", "、").split("、")]
    if item.kind == ItemKind.DATE and (day := day_in(text)):
        return day.isoformat()
    return text


def _day(row: TableRow, column: str) -> date | None:
    return day_in(row.cells.get(column, ""))


def _signed(row: TableRow) -> date:
    """The day of the contract; a home without a customer has none, and today stands for it where nothing is kept."""
    return _day(row, OPENED) or timezone.localdate()


def _area(row: TableRow) -> Decimal | None:
    try:
        area = Decimal(row.cells.get(AREA, "").replace(",", ""))
    except InvalidOperation:
        return None
    return area if area.is_finite() and 1 <= area < LARGEST_AREA else None


def _arrival(row: TableRow, known: Mapping[str, TemplateItem]) -> Arrival:
    return Arrival(
        row=row.number,
        code=parse_unit(row.cells[UNIT]),
        profile=_profile(row, known),
        kind=KINDS[row.cells.get(KIND, "").lower()],
        opened_on=_signed(row),
        handover_on=_day(row, HANDOVER),
        deed_on=_day(row, DEED_DONE),
        unit_type=row.cells.get(UNIT_TYPE, ""),
        area=_area(row),
    )


def _against(estate: Estate, rows: Sequence[TableRow]) -> tuple[set[int], list[Problem]]:
    """Rows whose home has this customer's dossier already, and what speaks against others: the home is somebody else's,
    or was on the day of the contract."""
    codes = [_code_of(row) for row in rows]
    owners, past = _owners(estate, codes), _past_tenures(estate, codes)
    there: set[int] = set()
    refused: list[Problem] = []
    for row, code in zip(rows, codes, strict=True):
        named = any(row.cells.get(item) for item in (NAME, MOBILE, IDENTITY))
        if code in owners and (not named or _is_same(row, owners[code])):
            there.add(row.number)
        elif code in owners:
            refused.append(Problem(row.number, UNIT, "unit_taken"))
        elif named and _signed(row) <= past.get(code, date.min):
            refused.append(Problem(row.number, OPENED, "tenure_past"))
    return there, refused


def _past_tenures(estate: Estate, codes: Sequence[str]) -> dict[str, date]:
    """The last day that past owners of the homes had, by the home's code; the day on which a tenure began counts."""
    past = Tenure.objects.filter(unit__estate=estate, unit__code__in=codes, kind=Tenure.Kind.OWNER)
    ended = past.exclude(closed_on=None).order_by("closed_on").values_list("unit__code", "closed_on")
    return {code: day - timedelta(1) for code, day in ended if day}


def _owners(estate: Estate, codes: Sequence[str]) -> dict[str, set[str]]:
    """The tokens of each home's present owner, by the home's code."""
    open_tenures = Tenure.objects.filter(
        unit__estate=estate, unit__code__in=codes, kind=Tenure.Kind.OWNER, closed_on=None
    ).exclude(dossier__state__in=GONE_STATES)
    homes = dict(open_tenures.values_list("dossier__customer", "unit__code"))
    owners: dict[str, set[str]] = {code: set() for code in homes.values()}
    customers = Customer.objects.filter(pk__in=[pk for pk in homes if pk])
    for customer, one in CustomerToken.objects.filter(customer__in=customers).values_list("customer", "token"):
        owners[homes[customer]].add(one)
    return owners


def _is_same(row: TableRow, tokens: set[str]) -> bool:
    """By ID number, or by name and phone."""
    identity = row.cells.get(IDENTITY, "")
    if identity and token("identity", identity_key(identity)) in tokens:
        return True
    name, phone = row.cells.get(NAME, ""), row.cells.get(MOBILE, "")
    return token("name", name_key(name)) in tokens and token("phone", phone_key(phone)) in tokens


def batches_naming(subjects: Collection[str]) -> list[int]:
    """Imports whose rows can still be read and made one of these customers."""
    wanted = set(subjects)
    chunks = ImportChunk.objects.filter(batch__kind=HandoverImporter.code, batch__is_readable=True).defer("sealed")
    return sorted({chunk.batch_id for chunk in chunks if wanted & {ref["subject"] for _row, ref in chunk.made}})
