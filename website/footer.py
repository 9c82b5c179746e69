"""Links at the foot of every public page, that the rooms above have to offer. A room registers a line each."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class FooterLink:
    """`route` is the name of an address that takes no arguments."""

    label: str | Promise
    route: str


_links: list[FooterLink] = []


def register_footer_link(link: FooterLink) -> None:
    _links.append(link)


def footer_links() -> list[FooterLink]:
    return list(_links)
