"""A customer who withdrew his consent reads no magazine by mail any more."""

from __future__ import annotations

from collections.abc import Collection

from magazine.addresses import BadAddress, parse_address
from magazine.models import Subscriber
from magazine.services.subscribing import address_token, leave


def stop_addresses(addresses: Collection[str]) -> int:
    """Nothing goes to these addresses, and no import brings them back; he himself may, by confirming anew. Returns how
    many subscriptions ended."""
    tokens = set()
    for text in addresses:
        try:
            tokens.add(address_token(parse_address(text)))
        except BadAddress:
            continue
    rows = list(Subscriber.objects.filter(token__in=tokens))
    for row in rows:
        leave(subscriber=row)
    return len(rows)
