"""Settings read from the environment; a wrong value stops the start with one sentence."""

from __future__ import annotations

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

SHORTEST_SECRET = 50
SAMPLES = ("django-insecure", "change", "example", "sample", "secret", "your", "a long random")
"""How keys begin that were copied from somewhere."""
FEWEST_CHARACTERS = 12
YES, NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def text(name: str, default: str) -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    raw = os.environ.get(name)
    if raw is None:
        return default
    if raw.strip().lower() in YES:
        return True
    if raw.strip().lower() in NO:
        return False
    raise ImproperlyConfigured(f"{name}={raw!r} is neither yes nor no: use 1 or 0.")


def number(name: str, default: int, *, least: int = 0) -> int:
    raw = text(name, str(default))
    if not raw.isascii() or not raw.isdigit() or int(raw) < least:
        raise ImproperlyConfigured(f"{name}={raw!r} must be a whole number, at least {least}.")
    return int(raw)


def numbers(name: str, default: str) -> list[int]:
    """Whole numbers with commas between them; at least one."""
    written = words(name, default)
    if not written or not all(word.isascii() and word.isdigit() for word in written):
        raise ImproperlyConfigured(f"{name}={text(name, default)!r} must be whole numbers with commas between them.")
    return [int(word) for word in written]


def words(name: str, default: str) -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    try:
        return [ip_network(part) for part in words(name, "")]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} lists networks, such as 172.28.0.0/16: {error}") from None


def one_of(name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name}={value!r} must be one of {', '.join(allowed)}.")
    return value


def secret(name: str, *, kept_at: Path, generated: str | None) -> str:
    """The secret from the environment; else the one kept in a file; else `generated`, kept from now on.

    Raises ImproperlyConfigured where nothing may be generated (production).
    """
    if value := os.environ.get(name, "").strip():
        return value
    if kept_at.exists():
        return kept_at.read_text("utf-8").strip()
    if generated is None:
        raise ImproperlyConfigured(
            f"{name} is not set: give a random text of at least {SHORTEST_SECRET} characters, "
            "the same for every process."
        )
    kept_at.parent.mkdir(parents=True, exist_ok=True)
    kept_at.touch(mode=0o600)
    kept_at.write_text(generated, "utf-8")
    return generated


def strong(name: str, value: str) -> str:
    """The secret, where it is one.

    Raises ImproperlyConfigured for a short one, one that was copied from a sample, or one of few characters.
    """
    fault = ""
    if len(value) < SHORTEST_SECRET:
        fault = f"has {len(value)} characters, at least {SHORTEST_SECRET} are needed"
    elif value.lower().startswith(SAMPLES) or len(set(value)) < FEWEST_CHARACTERS:
        fault = "is a sample that others know"
    if fault:
        make = 'python3 -c "import secrets; print(secrets.token_urlsafe(64))"'
        raise ImproperlyConfigured(f"{name} {fault}: make one with {make} and give the same to every process.")
    return value
