"""Version 1 of the dossier template: identity, the 42 items in their six sections, and the need with its budget.

It is text of the database, written once; staff change it in the admin. Chinese first, English beside.
"""

from __future__ import annotations

from typing import NamedTuple

from archives.vocabulary import Duty, Gate, ItemKind, RuleKind, Sensitivity

TEXT, LONG, CHOICE, CHOICES = ItemKind.TEXT, ItemKind.LONG, ItemKind.CHOICE, ItemKind.CHOICES
DATE, NUMBER, PERSON, PHONE, IDENTITY = (
    ItemKind.DATE,
    ItemKind.NUMBER,
    ItemKind.PERSON,
    ItemKind.PHONE,
    ItemKind.IDENTITY,
)
GENERAL, PRIVATE, SENSITIVE = Sensitivity.GENERAL, Sensitivity.PRIVATE, Sensitivity.SENSITIVE


class Item(NamedTuple):
    code: str
    label: str
    label_en: str
    kind: ItemKind = TEXT
    sensitivity: Sensitivity = PRIVATE
    options: str = ""
    help: str = ""
    help_en: str = ""
    required: bool = False


SECTIONS: dict[tuple[str, str], tuple[Item, ...]] = {
    ("身份", "Identity"): (
        Item("name", "姓名或企业名称", "Name", PERSON, help="与证件一致", help_en="As on the document", required=True),
        Item(
            "identity",
            "证件号码",
            "ID number",
            IDENTITY,
            SENSITIVE,
            help="个人填身份证或护照号码，企业填统一社会信用代码",
            help_en="Identity card or passport; for a company its credit code",
            required=True,
        ),
    ),
    ("基本信息", "Basic"): (
        Item("sex", "性别", "Sex", CHOICE, GENERAL, "男 | Male\n女 | Female"),
        Item(
            "address",
            "通信地址",
            "Postal address",
            LONG,
            help="信函寄送用，写到门牌",
            help_en="For letters, to the door",
            required=True,
        ),
        Item("company", "工作单位及地址", "Company and its address", LONG),
        Item("office_phone", "单位电话", "Office phone", PHONE),
        Item("home_phone", "家庭电话", "Home phone", PHONE),
        Item(
            "mobile",
            "手机",
            "Mobile",
            PHONE,
            help="境外号码以 + 和国家代码开头",
            help_en="Foreign numbers begin with +",
            required=True,
        ),
        Item("native_place", "籍贯", "Native place"),
        Item(
            "education",
            "学历",
            "Education",
            CHOICE,
            options="高中及以下 | Secondary\n大专 | College\n本科 | Bachelor\n硕士 | Master\n博士 | Doctor",
        ),
    ),
    ("家庭信息", "Family"): (
        Item(
            "family",
            "家庭状况",
            "Family situation",
            LONG,
            help="同住人口和年龄层",
            help_en="Who lives together, and of which ages",
        ),
        Item(
            "marital",
            "婚姻状况",
            "Marital status",
            CHOICE,
            SENSITIVE,
            "未婚 | Single\n已婚 | Married\n离异 | Divorced\n丧偶 | Widowed",
        ),
        Item("spouse", "配偶", "Spouse", PERSON),
        Item("spouse_education", "配偶学历", "Spouse's education"),
        Item("spouse_interests", "配偶爱好", "Spouse's interests"),
        Item("parents", "父母", "Parents", LONG),
        Item(
            "children",
            "子女",
            "Children",
            LONG,
            SENSITIVE,
            help="出生日期、爱好、学校；未成年人信息只在监护人同意后填写",
            help_en="Birth date, interests, school; of minors only with a guardian's consent",
        ),
        Item("closest", "关系最近的家人", "Closest family member", PERSON),
    ),
    ("个人生活与安全", "Life and safety"): (
        Item("restaurants", "常去的餐馆", "Favourite restaurants", sensitivity=GENERAL),
        Item("shops", "常去的商场", "Favourite shops", sensitivity=GENERAL),
        Item("cuisine", "喜欢的菜系", "Favourite cuisine", sensitivity=GENERAL),
        Item("alcohol", "饮酒", "Alcohol", CHOICE, options="不饮 | None\n偶尔 | Sometimes\n经常 | Often"),
        Item("tobacco", "吸烟", "Tobacco", CHOICE, options="不吸 | None\n偶尔 | Sometimes\n经常 | Often"),
        Item(
            "health",
            "健康状况",
            "Health",
            LONG,
            SENSITIVE,
            help="客户主动说明、服务需要才填写",
            help_en="Only what the customer says and service needs",
        ),
        Item(
            "travel",
            "出行方式",
            "Means of travel",
            CHOICES,
            GENERAL,
            "自驾 | Car\n公交 | Bus\n地铁 | Metro\n骑行 | Bicycle\n步行 | On foot",
        ),
        Item("organisations", "参加的社团组织", "Organisations"),
        Item(
            "sociability", "社交性", "Sociability", CHOICE, options="外向 | Outgoing\n一般 | Average\n内向 | Reserved"
        ),
    ),
    ("房产", "Property"): (
        Item("present_home", "现在的住房", "Present home"),
        Item("investments", "房产投资与下一步打算", "Property investments and next plans", LONG),
        Item(
            "ideal_home",
            "理想的家最看重什么",
            "Ideal home: what mattered most",
            CHOICES,
            GENERAL,
            "总体规划 | Site plan\n户型 | Unit layout\n周边环境 | Surroundings\n配套设施 | Facilities\n"
            "景观 | Landscape\n装修 | Finish\n品牌 | Brand",
            help="可多选",
            help_en="Any number",
        ),
        Item("reason", "购房原因", "Reason to buy", LONG, GENERAL),
        Item("bought", "购买过我们的房产", "What was bought from us", LONG),
        Item("opinion", "对我们楼盘的评价", "Opinion of our estates", LONG, GENERAL),
        Item(
            "neighbours",
            "对邻居的在意程度",
            "Concern about neighbours",
            CHOICE,
            GENERAL,
            "很在意 | Much\n一般 | Some\n不在意 | None",
        ),
    ),
    ("社会尊重", "Standing"): (
        Item("position", "职务", "Position"),
        Item("car", "车辆品牌", "Car make"),
        Item("plate", "车牌号", "Plate number", sensitivity=SENSITIVE),
        Item("dress", "着装习惯", "Dress", sensitivity=GENERAL),
        Item(
            "information",
            "主要信息来源",
            "Main information source",
            CHOICES,
            GENERAL,
            "电视 | Television\n报刊 | Press\n网络 | Internet\n朋友 | Friends\n其他 | Other",
        ),
        Item("admired", "最敬佩的人", "Most admired person"),
    ),
    ("自我价值", "Values"): (
        Item("career_goals", "事业目标（长期、短期）", "Career goals, long and short", LONG),
        Item("personal_goals", "个人目标（长期、短期）", "Personal goals, long and short", LONG),
        Item("achievement", "最自豪的成就", "Proudest achievement", LONG),
        Item(
            "independence",
            "主见程度",
            "Independence of opinion",
            CHOICE,
            options="很有主见 | Strong\n一般 | Average\n听取他人 | Follows others",
        ),
    ),
    ("需求", "Need"): (Item("budget", "预算（万元）", "Budget (10,000 yuan)", NUMBER),),
    ("产权", "Title deed"): (Item("deed_number", "产权证号", "Title deed number", sensitivity=SENSITIVE),),
}


class Rule(NamedTuple):
    code: str
    gate: Gate
    kind: RuleKind
    duty: Duty
    fix: str
    fix_en: str
    document_kind: str = ""
    customer_kind: str = ""
    need: str = ""


RULES = (
    Rule(
        "unit",
        Gate.CLEAR,
        RuleKind.UNIT_KNOWN,
        Duty.ENTERER,
        "请楼盘资料管理员核实这个房号",
        "Have the unit confirmed in the company data",
    ),
    Rule(
        "filled", Gate.CLEAR, RuleKind.ITEMS_FILLED, Duty.ENTERER, "在客户资料里补填", "Fill it in the customer's data"
    ),
    Rule(
        "clear",
        Gate.CLEAR,
        RuleKind.ITEMS_CLEAR,
        Duty.ENTERER,
        "向客户核对后更正",
        "Check with the customer and correct it",
    ),
    Rule(
        "contract",
        Gate.COMPLETE,
        RuleKind.DOCUMENT,
        Duty.ENTERER,
        "扫描后加入档案",
        "Scan it and add it",
        "contract",
        need="purchase",
    ),
    Rule(
        "identity",
        Gate.COMPLETE,
        RuleKind.DOCUMENT,
        Duty.CUSTOMER,
        "请客户提供，扫描后加入档案",
        "Ask the customer for it, scan it and add it",
        "identity",
    ),
    Rule(
        "consent",
        Gate.COMPLETE,
        RuleKind.DOCUMENT,
        Duty.CUSTOMER,
        "请客户签署，扫描后加入档案",
        "Have the customer sign it, scan it and add it",
        "consent",
        "individual",
    ),
    Rule(
        "confirmed",
        Gate.CONFIRMED,
        RuleKind.CONFIRMED,
        Duty.CUSTOMER,
        "请客户逐项核对，然后记录确认方式和日期",
        "Have the customer check the data, then record how and when",
    ),
    Rule(
        "verified",
        Gate.ENTERED,
        RuleKind.VERIFIED,
        Duty.ARCHIVIST,
        "由没有参与录入的档案管理员核对纸质和系统内容",
        "An archivist who entered nothing compares",
    ),
)
