"""Mail addresses as people write them, and as one is compared, found and sent to."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.headerregistry import Address as HeaderAddress

import idna
from django.utils.translation import gettext as _

LONGEST = 254
LONGEST_LOCAL = 64
AT = "@"
HIDDEN = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")


class BadAddress(ValueError):
    """It is no address that mail can be sent to; the message says why, in the user's language."""


@dataclass(frozen=True, slots=True)
class Address:
    """`local` as it was written (quoted where it must be), `domain` in ASCII letters."""

    local: str
    domain: str

    @property
    def spec(self) -> str:
        """As a mail server is told it."""
        return f"{self.local}{AT}{self.domain}"

    @property
    def key(self) -> str:
        """As it is compared: two spellings of one mailbox are one."""
        return self.spec.lower()

    @property
    def masked(self) -> str:
        """For staff: enough to recognise one's own, not enough to write to."""
        return f"{self.local[:1]}***{AT}{self.domain}"


def parse_address(text: str) -> Address:
    """Raises BadAddress for what is no single address; nothing of it may ever reach a header."""
    if HIDDEN.search(text.strip(" \t")):
        raise BadAddress(_("邮箱地址里有换行或控制字符，请重新填写一个地址。"))
    written = unicodedata.normalize("NFKC", text.strip())
    if not written or AT not in written:
        raise BadAddress(_("请填写邮箱地址，例如 name@example.com。"))
    if len(written) > LONGEST:
        raise BadAddress(_("邮箱地址太长，最多 %(most)d 个字符。") % {"most": LONGEST})
    local, _at, domain = written.rpartition(AT)
    if not local.isascii():
        raise BadAddress(_("@ 前面有英文字母、数字以外的文字，多数邮件服务器收不到。请换一个地址。"))
    return Address(_local_part(local), _ascii_domain(domain))


def _local_part(local: str) -> str:
    """Dots and letters, or a quoted string; told as the standard writes it."""
    try:
        read = HeaderAddress(addr_spec=f"{local}{AT}example.com")
    except (HeaderParseError, ValueError, IndexError) as error:
        raise BadAddress(_("@ 前面的写法不对，请检查有没有多余的符号或空格。")) from error
    if len(read.username) > LONGEST_LOCAL:
        raise BadAddress(_("@ 前面太长，最多 %(most)d 个字符。") % {"most": LONGEST_LOCAL})
    return read.addr_spec.rpartition(AT)[0]


def _ascii_domain(domain: str) -> str:
    try:
        made = idna.encode(domain, uts46=True).decode("ascii").lower()
    except idna.IDNAError as error:
        raise BadAddress(_("@ 后面不是有效的域名，请检查。")) from error
    if "." not in made.strip(".") or made.endswith("."):
        raise BadAddress(_("@ 后面的域名不完整，例如应为 example.com。"))
    return made
