"""Readers and mailings for samples and tests. Addresses are of domains that cannot exist."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from estates.models import User
from magazine.addresses import parse_address
from magazine.models import Edition, Mailing, Subscriber
from magazine.services.subscribing import address_token, domain_token
from magazine.vocabulary import MailingKind, MailingState, Source, SubscriberState
from vault.data_keys import make_many
from vault.sealing import seal


def make_readers(addresses: Sequence[str], *, consent: str = "示例登记表") -> list[Subscriber]:
    """Subscribers who said yes, one for each address."""
    rows = [Subscriber(source=Source.IMPORT, state=SubscriberState.ACTIVE, consent=consent) for _ in addresses]
    make_many([row.subject for row in rows])
    for row, written in zip(rows, addresses, strict=True):
        address = parse_address(written)
        row.token, row.domain = address_token(address), domain_token(address)
        row.sealed = seal(row.subject, row.spot, address.spec.encode())
        row.consented_at = timezone.now()
    return Subscriber.objects.bulk_create(rows, batch_size=500)


def make_approved(by: User, approver: User, *, html: str, text: str, subject: str = "示例会刊") -> Mailing:
    """A mailing that may be sent now, of given content."""
    now = timezone.now()
    mailing = Mailing.objects.create(
        kind=MailingKind.ISSUE,
        subject=subject,
        state=MailingState.APPROVED,
        prepared_by=by,
        approved_by=approver,
        approved_at=now,
        scheduled_for=now,
    )
    Edition.objects.create(mailing=mailing, html=html, text=text)
    return mailing
