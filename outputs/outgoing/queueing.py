"""Mail is put down in the caller's transaction, sealed; the postman sends it. What is rolled back was never written."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, getaddresses

from django.core.mail import EmailMessage as DjangoMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import sanitize_address
from django.utils import timezone

from outputs.models import OutgoingMail, OutgoingState
from outputs.outgoing.envelopes import SealedMail, envelope_sender, own_domain
from vault.data_keys import make_key
from vault.fingerprints import KeysUnusable
from vault.sealing import seal

ON_THE_WIRE = SMTP.clone(cte_type="7bit")
"""Every server takes seven bits; not every one takes eight."""


class QueueBackend(BaseEmailBackend):
    """Django's seam for mail: whatever is sent in this product is queued. A message may say `colleague`, the id of the
    user it goes to, and `sealed_for`, whose key seals it."""

    def send_messages(self, email_messages: Sequence[DjangoMessage]) -> int:
        """Raises vault.fingerprints.KeysUnusable, vault.data_keys.KeyDestroyed."""
        return sum(bool(queue_django_message(message)) for message in email_messages)


class ReadyMessage(DjangoMessage):
    """A message that is complete already, as Django's backends want one."""

    def __init__(self, complete: EmailMessage, *, sender: str, recipient: str, sealed_for: str = "") -> None:
        super().__init__(str(complete["Subject"]), "", sender, [recipient])
        self.complete, self.sealed_for = complete, sealed_for

    def message(self, *, policy: object = None) -> EmailMessage:
        return self.complete


def queue_django_message(message: DjangoMessage) -> list[OutgoingMail]:
    """A row for each recipient, so that each is told once, whatever becomes of the others."""
    own_id = [name for name in message.extra_headers if name.lower() == "message-id"]
    if not own_id:
        message.extra_headers["Message-ID"] = "<of-the-queue>"  # Django would ask the network for this machine's name
    written = message_from_bytes(message.message().as_bytes(), _class=EmailMessage, policy=ON_THE_WIRE)
    if not own_id:
        del written["Message-ID"]
    recipients = [sanitize_address(one, "utf-8") for one in message.recipients()]
    specs = [spec for _name, spec in getaddresses(recipients)]
    colleague, subject = getattr(message, "colleague", None), getattr(message, "sealed_for", "")
    return [queue_mail(written, recipient=one, colleague=colleague, subject=subject) for one in specs]


def queue_mail(
    message: EmailMessage, *, recipient: str, colleague: int | None = None, subject: str = ""
) -> OutgoingMail:
    """Put one mail to one address down, with what strict servers ask of it. `subject` names the key that seals it: the
    recipient's own, or that of all mail of this day.

    Raises vault.fingerprints.KeysUnusable, vault.data_keys.KeyDestroyed.
    """
    row = OutgoingMail(user_id=colleague, subject=subject or day_subject())
    whole = deepcopy(message)
    for name, value in {
        "Message-ID": f"<{row.key}@{own_domain()}>",
        "Date": format_datetime(timezone.localtime()),
        "Auto-Submitted": "auto-generated",
    }.items():
        if name not in whole:
            whole[name] = value
    content = whole.as_bytes(policy=ON_THE_WIRE)
    sealed = SealedMail(content, envelope_sender(row.key), recipient)
    try:
        if not subject:
            make_key(row.subject)
        row.sealed = seal(row.subject, row.spot, sealed.packed())
    except KeysUnusable as error:
        if colleague is None:
            raise
        # What a colleague is told of has happened, and stands in his *my work* too: that must not fail with the mail.
        row.state, row.answer, row.settled_at = OutgoingState.FAILED, str(error)[:200], timezone.now()
    row.save(force_insert=True)
    return row


def day_subject() -> str:
    return f"outgoing-{timezone.localdate():%Y-%m-%d}"
