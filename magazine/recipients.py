"""The addresses that a batch of deliveries goes to, opened for the moment of sending."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from estates.models import User
from magazine.addresses import Address, BadAddress, parse_address
from magazine.models import Delivery, Subscriber
from magazine.services.subscribing import addresses_of
from vault.data_keys import KeyUnknown
from vault.keyring import sealer
from vault.sealing import Tampered

logger = logging.getLogger(__name__)


def addresses_for(batch: Sequence[Delivery]) -> dict[int, Address]:
    """By delivery; none for who left for good or has no address. Raises KeysMissing, WrongKeys."""
    readers = _opened([row.subscriber for row in batch if row.subscriber])
    found = {row.pk: readers[row.subscriber_id] for row in batch if row.subscriber_id in readers}
    for row in batch:
        if row.colleague and (address := _colleague_address(row.colleague)):
            found[row.pk] = address
    return found


def _opened(subscribers: list[Subscriber]) -> dict[int, Address]:
    """One that was tampered with does not hold up the others: it is left out, and its delivery fails. Without the
    master keys nobody's can be opened, and all wait. Raises KeysMissing, WrongKeys."""
    try:
        return addresses_of(subscribers)
    except (Tampered, KeyUnknown):
        sealer()
        if len(subscribers) == 1:
            logger.warning("the address of subscriber %s cannot be opened", subscribers[0].pk)
            return {}
    return {pk: address for one in subscribers for pk, address in _opened([one]).items()}


def _colleague_address(user: User) -> Address | None:
    try:
        return parse_address(user.email)
    except BadAddress:
        return None
