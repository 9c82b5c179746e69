"""What the customer stopped is not done: no use of restricted data, no collecting where consent was withdrawn."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

from archives import policies
from archives.models import DossierPage
from archives.services.errors import DossierError
from archives.template import items_for, known_items, template_of
from archives.vocabulary import DEED, NAME
from estates.wording import enumeration


def refuse_restricted(*dossiers: DossierPage) -> None:
    """Raises DossierError where the use of one of the customers' data is stopped."""
    if any(policies.is_restricted(one) for one in dossiers):
        raise DossierError(restricted_words())


def restricted_words() -> str:
    return _("客户已要求停止使用：资料只保管，不能修改、借阅、导出或合并。客户要恢复使用，请受理“恢复使用”的请求。")


def needed_codes(dossier: DossierPage) -> set[str]:
    """Items that contract and law need; everything else is held on the customer's consent."""
    return {item.code for item in items_for(template_of(dossier), dossier.estate) if item.required} | {NAME, DEED}


def refuse_without_consent(dossier: DossierPage, codes: Collection[str]) -> None:
    """Raises DossierError where items that are collected on consent are to be kept after it was withdrawn."""
    if dossier.customer.consent_withdrawn_on is None:
        return
    if more := sorted(set(codes) - needed_codes(dossier)):
        known = known_items()
        raise DossierError(
            _("客户 %(day)s 撤回了同意，这些项目不能再收集：%(items)s。客户重新同意时，请受理“恢复使用”的请求。")
            % {
                "day": dossier.customer.consent_withdrawn_on.isoformat(),
                "items": enumeration(known[code].words if code in known else code for code in more),
            }
        )
