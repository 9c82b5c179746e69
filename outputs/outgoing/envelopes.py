"""What is sealed of a mail: its bytes, from whom and to whom the server is told it goes."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings


@dataclass(frozen=True, slots=True)
class SealedMail:
    content: bytes
    sender: str
    recipient: str

    def packed(self) -> bytes:
        return json.dumps([b64encode(self.content).decode("ascii"), self.sender, self.recipient]).encode()

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, _class=EmailMessage, policy=SMTP)

    @property
    def masked_recipient(self) -> str:
        """For staff: enough to recognise one's own, not enough to write to."""
        local, _at, domain = self.recipient.rpartition("@")
        return f"{local[:1]}***@{domain}"


def unpacked(packed: bytes) -> SealedMail:
    content, sender, recipient = json.loads(packed)
    return SealedMail(b64decode(content), sender, recipient)


def own_domain() -> str:
    return urlsplit(settings.SITE_URL).hostname or "localhost"


def envelope_sender(key: str) -> str:
    """Where a mail that cannot be delivered comes back to: it names the delivery, so the bounce needs no address."""
    spec = settings.MAIL_BOUNCES or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    local, _at, domain = spec.rpartition("@")
    return f"{local}+{key}@{domain}" if settings.MAIL_BOUNCES else spec
