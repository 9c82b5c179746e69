"""Links for an outside institute: made, revoked, opened with an access code, every use on record."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from casebook import policies
from casebook.models import LinkVisit, OutsideLink, ReviewPack
from casebook.services.errors import CaseError
from casebook.services.holding import hold_pack
from casebook.services.wording import impersonal_words
from casebook.vocabulary import PackState
from estates.models import User

LONGEST_DAYS = 60
CODE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class MadeLink:
    """`token` is part of the address, `code` is told apart from it; neither can be shown again."""

    link: OutsideLink
    token: str
    code: str


@transaction.atomic
def make_link(*, by: User, pack: ReviewPack, institute: str, disciplines: Collection[str], days: int) -> MadeLink:
    """A way in to one pack for `days` days. Raises PermissionDenied, CaseError."""
    held = hold_pack(pack, by)
    if held.state != PackState.HANDED_OVER:
        raise CaseError(_("只有审查中的审查包可以发给外部单位。"))
    institute = impersonal_words(institute, 80)
    if not institute:
        raise CaseError(_("请写明外部单位的名称，它会印在水印里。"))
    if not 1 <= days <= LONGEST_DAYS:
        raise CaseError(_("有效天数请填 1 到 %(most)d。") % {"most": LONGEST_DAYS})
    token, code = secrets.token_urlsafe(24), f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    link = OutsideLink.objects.create(
        pack=held,
        institute=institute,
        disciplines=sorted(disciplines),
        token_hash=hashed(token),
        code_hash=make_password(code),
        expires_at=timezone.now() + timedelta(days),
        created_by=by,
    )
    log(held, "casebook.link_made", user=by, data={"link": link.pk, "institute": link.institute})
    return MadeLink(link, token, code)


@transaction.atomic
def revoke_link(*, by: User, link: OutsideLink) -> None:
    """End a link at once. Raises PermissionDenied."""
    held = OutsideLink.objects.select_for_update().get(pk=link.pk)
    if not policies.may_manage_on(by, held.pack.stage.project.estate):
        raise PermissionDenied
    if held.revoked_at is None:
        held.revoked_at = timezone.now()
        held.save(update_fields=["revoked_at"])
        log(held.pack, "casebook.link_revoked", user=by, data={"link": held.pk})


def link_of(token: str) -> OutsideLink | None:
    links = OutsideLink.objects.select_related("pack__stage__project__estate")
    return links.filter(token_hash=hashed(token)).first()


def code_opens(link: OutsideLink, code: str) -> bool:
    """Is it the code? Each wrong one counts; after a few the link stays shut."""
    if not link.is_open:
        return False
    if check_password(code.strip(), link.code_hash):
        return True
    OutsideLink.objects.filter(pk=link.pk).update(wrong_codes=F("wrong_codes") + 1)
    link.refresh_from_db(fields=["wrong_codes"])
    return False


def note_visit(link: OutsideLink, act: LinkVisit.Act, *, address: str | None, browser: str, about: str = "") -> None:
    LinkVisit.objects.create(link=link, act=act, about=about[:80], address=address, browser=browser[:200])


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
