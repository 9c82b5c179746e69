"""Links for an outside institute: made, revoked, opened with an access code, every use on record."""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import PermissionDenied
from django.db import transaction
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
CODE_DIGITS = 8
FREE_TRIES = 5
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=5)
"""After so many wrong codes from one network in a day each next one waits, twice as long every time."""

REMEMBERED, MANY = timedelta(days=1), 20


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


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether a code opened the link; else `wait` is how many seconds this network has to wait before its next."""

    opened: bool
    wait: int = 0


def try_code(link: OutsideLink, code: str, *, address: str, browser: str) -> Opening:
    """Is it the code? A network that gave many wrong ones waits longer and longer; nobody else does: no stranger
    locks the right person out. Noted before it is compared: no two tries at once count as one."""
    network = network_of(address)
    with transaction.atomic():
        OutsideLink.objects.select_for_update().get(pk=link.pk)
        if wait := _seconds_to_wait(link, network):
            return Opening(opened=False, wait=wait)
        visit = note_visit(link, LinkVisit.Act.WRONG_CODE, address=address, browser=browser)
    if not link.is_open or not check_password(code.strip(), link.code_hash):
        return Opening(opened=False, wait=_seconds_to_wait(link, network))
    LinkVisit.objects.filter(pk=visit.pk).update(act=LinkVisit.Act.OPENED)
    return Opening(opened=True)


def _seconds_to_wait(link: OutsideLink, network: str) -> int:
    now = timezone.now()
    wrong = LinkVisit.objects.filter(link=link, act=LinkVisit.Act.WRONG_CODE, network=network)
    times = list(wrong.filter(at__gt=now - REMEMBERED).order_by("-at").values_list("at", flat=True)[:MANY])
    if len(times) < FREE_TRIES:
        return 0
    wait = min(FIRST_WAIT * 2 ** (len(times) - FREE_TRIES), LONGEST_WAIT)
    return max(math.ceil((times[0] + wait - now).total_seconds()), 0)


def network_of(address: str) -> str:
    """An IPv4 address; of an IPv6 address the /64 that one customer has."""
    try:
        read = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network((read, 64), strict=False) if isinstance(read, IPv6Address) else read)


def note_visit(
    link: OutsideLink, act: LinkVisit.Act, *, address: str | None, browser: str, about: str = ""
) -> LinkVisit:
    return LinkVisit.objects.create(
        link=link, act=act, about=about[:80], address=address, network=network_of(address or ""), browser=browser[:200]
    )


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
