"""The closed lists of the customer archive. Labels are the words on screen."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

RECORD_KIND = "DA"
NAME, IDENTITY, MOBILE = "name", "identity", "mobile"
"""Items that every template has: people are found and told apart by them."""

ADDRESS, DEED = "address", "deed_number"
"""Items that handover from sales and the title deed need, where the template has them."""


class State(models.TextChoices):
    ENTERING = "entering", _("录入中")
    SUBMITTED = "submitted", _("待审核归档")
    RETURNED = "returned", _("已退回补充")
    FILED = "filed", _("已归档")
    VOID = "void", _("已撤销")
    MERGED = "merged", _("已并入另一份")
    DISPOSED = "disposed", _("已销毁")


GONE_STATES = frozenset({State.VOID, State.MERGED, State.DISPOSED})
"""Such a dossier is found no more; its address says what became of it."""

SETTLED_STATES = GONE_STATES | {State.FILED}
OPEN_STATES = frozenset({State.ENTERING, State.RETURNED})
"""In these the person who enters may still change what is held."""


class CustomerKind(models.TextChoices):
    INDIVIDUAL = "individual", _("个人")
    COMPANY = "company", _("企业")


class Need(models.TextChoices):
    PURCHASE = "purchase", _("购房")
    RENT = "rent", _("租房")
    INVEST = "invest", _("投资")


class Channel(models.TextChoices):
    CONTRACT = "contract", _("合同")
    ONLINE = "online", _("网上表单")
    PAPER = "paper", _("纸质表单")
    PHONE = "phone", _("电话")
    WECHAT = "wechat", _("微信")
    SOCIAL = "social", _("社交媒体")
    EXHIBITION = "exhibition", _("展会")


class ItemKind(models.TextChoices):
    TEXT = "text", _("文字")
    LONG = "long", _("长文字")
    CHOICE = "choice", _("单选")
    CHOICES = "choices", _("多选")
    DATE = "date", _("日期")
    NUMBER = "number", _("数字")
    PERSON = "person", _("人名")
    PHONE = "phone", _("电话")
    IDENTITY = "identity", _("证件号码")


class Sensitivity(models.TextChoices):
    GENERAL = "general", _("一般")
    PRIVATE = "private", _("私人")
    SENSITIVE = "sensitive", _("敏感")


class DocumentKind(models.TextChoices):
    CONTRACT = "contract", _("购房合同")
    IDENTITY = "identity", _("身份证明")
    FORM = "form", _("客户信息登记表")
    CHANGE_FORM = "change_form", _("客户信息变更登记表")
    AUTHORITY = "authority", _("授权委托书")
    CONSENT = "consent", _("个人信息授权书")
    DEED = "deed", _("产权证")
    REQUEST = "request", _("服务请求")
    REPAIR = "repair", _("维修记录")
    CORRESPONDENCE = "correspondence", _("往来函件")
    OTHER = "other", _("其他文件")


SENSITIVITY_OF_DOCUMENTS: dict[str, Sensitivity] = {
    DocumentKind.CONTRACT: Sensitivity.PRIVATE,
    DocumentKind.IDENTITY: Sensitivity.SENSITIVE,
    DocumentKind.FORM: Sensitivity.SENSITIVE,
    DocumentKind.CHANGE_FORM: Sensitivity.SENSITIVE,
    DocumentKind.AUTHORITY: Sensitivity.SENSITIVE,
    DocumentKind.CONSENT: Sensitivity.PRIVATE,
    DocumentKind.DEED: Sensitivity.SENSITIVE,
    DocumentKind.REQUEST: Sensitivity.PRIVATE,
    DocumentKind.REPAIR: Sensitivity.PRIVATE,
    DocumentKind.CORRESPONDENCE: Sensitivity.PRIVATE,
    DocumentKind.OTHER: Sensitivity.SENSITIVE,
}
"""What a document of the kind shows at worst; of the others nobody knows, so they are taken for sensitive. A sensitive
one opens for a purpose."""

GROWING_KINDS = frozenset(
    {
        DocumentKind.DEED,
        DocumentKind.REQUEST,
        DocumentKind.REPAIR,
        DocumentKind.CORRESPONDENCE,
        DocumentKind.OTHER,
    }
)
"""What a filed dossier goes on gathering; the others are what it was filed with."""


class Gate(models.TextChoices):
    """四不放过."""

    CLEAR = "clear", _("信息不清不放过")
    COMPLETE = "complete", _("资料不全不放过")
    CONFIRMED = "confirmed", _("客户未确认不放过")
    ENTERED = "entered", _("系统未录入不放过")


class RuleKind(models.TextChoices):
    ITEMS_FILLED = "items_filled", _("必填项都已填写")
    ITEMS_CLEAR = "items_clear", _("填写内容没有疑问")
    UNIT_KNOWN = "unit_known", _("房号已在楼盘资料中核实")
    DOCUMENT = "document", _("有一份指定种类的文件")
    CONFIRMED = "confirmed", _("客户已确认现在的内容")
    VERIFIED = "verified", _("档案管理员已核对现在的内容")


class Duty(models.TextChoices):
    """Whose turn it is to close a gap."""

    ENTERER = "enterer", _("录入人")
    CUSTOMER = "customer", _("客户")
    ARCHIVIST = "archivist", _("档案管理员")


class Confirming(models.TextChoices):
    SIGNED = "signed", _("签字确认")
    PHONE = "phone", _("电话确认")
    WECHAT = "wechat", _("微信确认")
    IN_PERSON = "in_person", _("当面确认")


class Step(models.TextChoices):
    """What is done with a dossier; each is a line of its history."""

    STARTED = "started", _("建立档案")
    ENTERED = "entered", _("保存客户资料")
    CLASSIFIED = "classified", _("修改分类")
    DOCUMENT = "document", _("加入文件")
    CONFIRMED = "confirmed", _("记录客户确认")
    SUBMITTED = "submitted", _("提交审核归档")
    RETURNED = "returned", _("退回补充")
    RETURN_ANSWERED = "return_answered", _("答复退回原因")
    VERIFIED = "verified", _("核对无误")
    OVERRIDE_ASKED = "override_asked", _("申请例外放行")
    OVERRIDE_GRANTED = "override_granted", _("同意例外放行")
    OVERRIDE_REFUSED = "override_refused", _("不同意例外放行")
    FILED = "filed", _("归档")
    CONTACT = "contact", _("联系记录")
    LENT = "lent", _("借出")
    GIVEN_BACK = "given_back", _("归还")
    VOIDED = "voided", _("撤销档案")
    DEED = "deed", _("登记产权证")
    DEED_ASKED = "deed_asked", _("申请更正产权证")
    DEED_REFUSED = "deed_refused", _("不同意更正产权证")
    MERGED = "merged", _("并入另一份档案")
    UNMERGED = "unmerged", _("撤销合并")
    TENURE_ENDED = "tenure_ended", _("产权期或租期结束")
    HELD = "held", _("暂停销毁")
    RELEASED = "released", _("解除暂停销毁")
    DISPOSED = "disposed", _("销毁档案")
    REQUEST_TAKEN = "request_taken", _("受理个人信息请求")
    REQUEST_COPIED = "request_copied", _("提供个人信息副本")
    REQUEST_ANSWERED = "request_answered", _("答复个人信息请求")
    RESTRICTED = "restricted", _("停止使用，只保管")
    RESUMED = "resumed", _("恢复使用")
    BAG_TAKEN = "bag_taken", _("从 BagIt 包导入")
    UNDONE = "import_undone", _("撤回导入")
    CHANGE_ASKED = "change_asked", _("申请变更资料")
    CHANGE_WEAK = "change_weak", _("变更申请身份核验不足")
    CHANGE_REFUSED = "change_refused", _("不同意变更资料")
    CHANGE_APPROVED = "change_approved", _("变更资料")


class Purpose(models.TextChoices):
    """Why somebody reads a person's data: the usual reasons by a tap."""

    REVISIT = "revisit", _("客户回访")
    REPAIR = "repair", _("维修服务")
    COMPLAINT = "complaint", _("处理投诉")
    HANDOVER = "handover", _("办理交房")
    VERIFY = "verify", _("核对归档")


class Medium(models.TextChoices):
    PAPER = "paper", _("纸质")
    ELECTRONIC = "electronic", _("电子")


class LoanState(models.TextChoices):
    ASKED = "asked", _("待批准")
    DIRECTOR = "director", _("待分管领导批准")
    REFUSED = "refused", _("不同意")
    OUT = "out", _("借出中")
    PARTLY = "partly", _("部分归还")
    BACK = "back", _("已归还")


OUT_STATES = frozenset({LoanState.OUT, LoanState.PARTLY})
