"""What is held about customers: opened from its seal, masked for the screen."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archives.items import Value, phone_key
from archives.models import Customer, ProfileVersion
from archives.models.customers import profile_spot
from archives.vocabulary import MOBILE, NAME, CustomerKind
from vault.sealing import seal, unseal, unseal_many

STARS = "*"
COMPANY_SHOWN, FIRST_SHOWN, LAST_SHOWN, MOBILE_DIGITS = 2, 3, 4, 11
Profile = dict[str, "Value"]


def sealed_profile(customer: Customer, number: int, profile: Mapping[str, Value]) -> bytes:
    told = json.dumps(profile, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return seal(customer.subject, profile_spot(customer.subject, number), told.encode())


def opened(version: ProfileVersion) -> Profile:
    """Raises vault.sealing.Tampered, KeyDestroyed, KeyUnknown, KeysMissing, WrongKeys."""
    return _read(unseal(version.customer.subject, version.spot, bytes(version.sealed)))


def latest_profile(customer: Customer) -> Profile:
    """What is held now; nothing before the first version."""
    version = customer.profiles.select_related("customer").filter(number=customer.latest).first()
    return opened(version) if version else {}


def latest_profiles(customers: Sequence[Customer]) -> dict[int, Profile]:
    """As `latest_profile` for many, by the customers' ids. A customer whose key was destroyed has none."""
    wanted = {customer.pk: customer for customer in customers}
    versions = _latest_versions(wanted)
    parts = [(v.customer.subject, v.spot, bytes(v.sealed)) for v in versions]
    return {
        version.customer_id: _read(plain)
        for version, plain in zip(versions, unseal_many(parts), strict=True)
        if plain is not None
    }


def all_versions(customer: Customer) -> dict[int, Profile]:
    """What was held in each version, by its number; opened with one look for the key."""
    versions = list(customer.profiles.all())
    plain = unseal_many(
        [(customer.subject, profile_spot(customer.subject, v.number), bytes(v.sealed)) for v in versions]
    )
    return {v.number: _read(text) for v, text in zip(versions, plain, strict=True) if text is not None}


def _latest_versions(customers: Mapping[int, Customer]) -> list[ProfileVersion]:
    rows = ProfileVersion.objects.filter(customer__in=customers)
    newest = [row for row in rows if row.number == customers[row.customer_id].latest]
    for row in newest:
        row.customer = customers[row.customer_id]
    return newest


def _read(plain: bytes) -> Profile:
    told: Profile = json.loads(plain)
    return told


@dataclass(frozen=True, slots=True)
class Masked:
    """Enough to recognise a customer one knows: 张*, 138****0001."""

    name: str
    mobile: str


def masked(profile: Mapping[str, Value], kind: str) -> Masked:
    return Masked(masked_name(str(profile.get(NAME, "")), kind), masked_phone(str(profile.get(MOBILE, ""))))


def masked_name(name: str, kind: str) -> str:
    """The surname's first character; of a company the first two; of a single character nothing."""
    if not name:
        return ""
    shown = COMPANY_SHOWN if kind == CustomerKind.COMPANY else 1
    return f"{name[:shown]}{STARS}" if len(name) > shown else STARS


def masked_phone(written: str) -> str:
    number = phone_key(written)
    if not number:
        return ""
    tail = number[-LAST_SHOWN:] if len(number) > LAST_SHOWN + 2 else ""
    return f"{number[:FIRST_SHOWN]}****{tail}" if len(number) == MOBILE_DIGITS else f"****{tail}"
