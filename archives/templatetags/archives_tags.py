from __future__ import annotations

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from archives import policies
from archives.access_report import FOUND_BY, part_in_words
from archives.items import Value
from archives.models import DossierPage, TemplateItem
from estates.access import reach_of
from estates.models import User
from estates.roles import CUSTOMER_SERVICE, Role
from estates.templatetags import lookups
from estates.wording import enumeration
from exchange.importers import importers_for
from vault.models import AccessEntry

register = template.Library()
register.filter("enumeration", enumeration)
register.filters |= lookups.register.filters


@register.simple_tag
def archive_links(user: User) -> list[dict[str, str]]:
    """The archive's other pages that this person may open."""
    pages = [
        (bool(reach_of(user, CUSTOMER_SERVICE)), "gaps", _("缺项清单")),
        (bool(reach_of(user, policies.WATCHING_ROLES)), "handovers", _("交房安排")),
        (bool(importers_for(user)), "exchange:imports", _("导入表格")),
        (True, "loans", _("借阅登记")),
        (bool(reach_of(user, {Role.ARCHIVIST, Role.MANAGER})), "papers", _("纸质档案清点")),
        (bool(reach_of(user, policies.DECIDING_ROLES)), "duplicates", _("重复档案")),
        (bool(reach_of(user, policies.CHANGE_ROLES)), "person-requests", _("个人信息请求")),
        (bool(policies.may_handle_incidents(user)), "incidents", _("安全事件")),
        (bool(policies.may_see_disposals(user)), "disposals", _("销毁清册")),
        (bool(reach_of(user, {Role.ARCHIVIST})), "take-bag", _("BagIt 包")),
        (bool(policies.may_read_register(user)), "register", _("查阅登记")),
        (policies.may_change_template(user), "templates", _("档案模板")),
    ]
    return [
        {"url": reverse(name if ":" in name else f"archives:{name}"), "words": words}
        for may, name, words in pages
        if may
    ]


@register.simple_tag
def found_by(code: str) -> str:
    return str(FOUND_BY.get(code, ""))


@register.simple_tag
def part_of_line(entry: AccessEntry) -> str:
    return part_in_words(entry)


@register.simple_tag
def in_words(value: Value, item: TemplateItem) -> SafeString:
    """A value as the reader's language shows it; line breaks stay."""
    shown = dict(item.choices)
    parts = value if isinstance(value, list) else [value]
    return format_html('<span class="kept-lines">{}</span>', enumeration(shown.get(part, part) for part in parts))


@register.simple_tag
def may_open(dossier: DossierPage, user: User) -> bool:
    return bool(DossierPage.objects.visible_to(user).filter(pk=dossier.pk).exists())
