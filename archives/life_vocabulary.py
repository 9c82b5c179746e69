"""The closed lists of what happens to a dossier besides entry and filing: changes, duplicates, retention, requests."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Evidence(models.TextChoices):
    """What a person names to show who he is; two of them must match what is held."""

    IDENTITY = "identity", _("证件号码")
    PHONE = "phone", _("电话")
    UNIT = "unit", _("房号")


class Compared(models.TextChoices):
    MATCHES = "matches", _("相符")
    DIFFERS = "differs", _("不符")
    ABSENT = "absent", _("未提供")


class ChangeState(models.TextChoices):
    ASKED = "asked", _("待审批")
    WEAK = "weak", _("身份核验不足")
    REFUSED = "refused", _("不同意")
    APPROVED = "approved", _("已变更")


class Likeness(models.TextChoices):
    """Why two customers may be one."""

    IDENTITY = "identity", _("证件号码相同")
    NAME = "name", _("姓名相同")
    PINYIN = "pinyin", _("姓名读音相同")
    PHONE = "phone", _("电话相同")
    ADDRESS = "address", _("通信地址相同")
    UNIT = "unit", _("同一套房")
    SWAPPED = "swapped", _("房号可能写颠倒")


class ProposalState(models.TextChoices):
    PROPOSED = "proposed", _("待判断")
    MERGED = "merged", _("已合并")
    SAME = "same", _("同一人，两份档案")
    DISTINCT = "distinct", _("不是同一人")


class Term(models.TextChoices):
    """保管期限."""

    PERMANENT = "permanent", _("永久")
    YEARS_30 = "30", _("30 年")
    YEARS_10 = "10", _("10 年")


class Trigger(models.TextChoices):
    FILED = "filed", _("归档")
    TENURE_CLOSED = "tenure_closed", _("产权期或租期结束")


class HoldKind(models.TextChoices):
    LAWSUIT = "lawsuit", _("诉讼或仲裁")
    COMPLAINT = "complaint", _("投诉未了结")
    AUDIT = "audit", _("审计或检查")
    OTHER = "other", _("其他原因")


class Decision(models.TextChoices):
    DESTROY = "destroy", _("销毁")
    KEEP = "keep", _("继续保管")


class Disposal(models.TextChoices):
    """What became of a dossier on a disposal list."""

    WAITING = "waiting", _("待决定")
    KEPT = "kept", _("决定继续保管")
    HELD = "held", _("暂停销毁中，保留")
    NOT_DUE = "not_due", _("未到期或在借，保留")
    DESTROYING = "destroying", _("销毁中")
    DESTROYED = "destroyed", _("已销毁")


class RequestKind(models.TextChoices):
    """What the law lets a person ask about his data."""

    ACCESS = "access", _("查阅")
    COPY = "copy", _("复制")
    CORRECTION = "correction", _("更正")
    DELETION = "deletion", _("删除")
    WITHDRAWAL = "withdrawal", _("撤回同意")
    RESTRICTION = "restriction", _("停止使用")
    RESUMPTION = "resumption", _("恢复使用")


class RequestState(models.TextChoices):
    WEAK = "weak", _("身份核验不足")
    OPEN = "open", _("待答复")
    DONE = "done", _("已办理")
    REFUSED = "refused", _("不能办理")


OPEN_REQUESTS = frozenset({RequestState.WEAK, RequestState.OPEN})


class Place(models.TextChoices):
    """Every place that holds something about a customer."""

    PROFILE = "profile", _("客户资料")
    VERSIONS = "versions", _("资料的以前版本")
    DOCUMENTS = "documents", _("档案文件")
    NOTES = "notes", _("联系记录和备注")
    INDEX = "index", _("查找标记")
    SHEETS = "sheets", _("导入时的原表")
    REGISTER = "register", _("查阅登记册")
    MAGAZINE = "magazine", _("会刊订阅")
    BACKUPS = "backups", _("备份")


class Effect(models.TextChoices):
    GIVEN = "given", _("已提供")
    CHANGED = "changed", _("已更正")
    ERASED = "erased", _("已删除")
    PARTLY = "partly", _("凭同意收集的已删除")
    RESTRICTED = "restricted", _("停止使用，只保管")
    RESUMED = "resumed", _("恢复使用")
    LISTED = "listed", _("已提供目录，原件可当面查看")
    STOPPED = "stopped", _("已停发")
    KEPT = "kept", _("依法保留")
    UNREADABLE = "unreadable", _("密钥已销毁，不能读出")
    EXPIRING = "expiring", _("随备份到期删除")
