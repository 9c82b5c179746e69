"""Asks another site whether a link leads somewhere, and nothing else: nobody who writes a link makes this server speak
to the company's own network, and no site holds it up.

A name is resolved once, every address of it is checked, and the connection goes to one of those very addresses.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import idna
from django.utils.translation import gettext as _

SECONDS = 8.0
"""For one link, redirects included."""

MOST_REDIRECTS = 5
PORTS = {"http": 80, "https": 443}
GONE = 400
REDIRECTS = {301, 302, 303, 307, 308}
ASKS = {401, 403, 405, 429, 501}
"""There is something, but not for a programme."""

NOT_PUBLIC = tuple(map(ip_network, ("100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24")))
"""Not the internet either, whatever this version of Python holds of them."""

NAT64, NAT64_LOCAL = ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48")
SAFE = "/%:=&?~+!$,;'@()*[]"
COMPATIBLE = ip_network("::/96")

Resolver = Callable[[str, int], list[str]]
"""The addresses of a host name, for a port. Raises OSError."""

Dialer = Callable[[str, int, float], socket.socket]
"""A connection to an address (never a name). Raises OSError."""


@dataclass(frozen=True, slots=True)
class Network:
    """What is asked of the world; tests bring their own."""

    resolve: Resolver
    dial: Dialer


class NotAsked(Exception):
    """The link was not asked for; `str()` says why, in the user's language."""


def resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def dial(address: str, port: int, seconds: float) -> socket.socket:
    return socket.create_connection((address, port), timeout=seconds)


WORLD = Network(resolve, dial)


def outside_problem(href: str, *, network: Network = WORLD, seconds: float = SECONDS) -> str:
    """Why the link leads nowhere, in words; empty for one that does. Takes no longer than `seconds`, but for the
    resolver of the system."""
    deadline = _Deadline(seconds)
    try:
        return _asked(href, network, deadline)
    except NotAsked as error:
        return str(error)
    except (OSError, HTTPException, ValueError):
        return _("对方没有回答")
    finally:
        deadline.cancel()


def _asked(href: str, network: Network, deadline: _Deadline) -> str:
    for _redirect in range(MOST_REDIRECTS + 1):
        parts = _checked(urlsplit(href))
        status, location = _answer(parts, network, deadline)
        if status in REDIRECTS and location:
            href = urljoin(href, location)
            continue
        if status >= GONE and status not in ASKS:
            return _("对方回答 %(code)d") % {"code": status}
        return ""
    return _("对方转来转去，没有尽头")


def _checked(parts: SplitResult) -> SplitResult:
    """Raises NotAsked."""
    if parts.scheme not in PORTS or not parts.hostname:
        raise NotAsked(_("不是完整的网址"))
    if parts.port not in (None, *PORTS.values()):
        raise NotAsked(_("只检查常用端口（80、443）的网址"))
    return parts


def _answer(parts: SplitResult, network: Network, deadline: _Deadline) -> tuple[int, str]:
    """The status, and where it sends on to. Only the head of the answer is read; http.client bounds its size."""
    host = _ascii_host(parts.hostname or "")
    port = parts.port or PORTS[parts.scheme]
    address = _public_address(host, port, network)
    asking = _To(address, host, port, network, deadline, encrypted=parts.scheme == "https")
    try:
        query = f"?{quote(parts.query, safe=SAFE)}" if parts.query else ""
        asking.putrequest("HEAD", quote(parts.path or "/", safe=SAFE) + query, skip_accept_encoding=True)
        asking.putheader("User-Agent", "Anjuan link check")
        asking.putheader("Connection", "close")
        asking.endheaders()
        answer = asking.getresponse()
        return answer.status, answer.headers.get("Location", "")
    finally:
        asking.close()


def _ascii_host(host: str) -> str:
    try:
        return host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise NotAsked(_("这个域名找不到")) from error


def _public_address(host: str, port: int, network: Network) -> str:
    """The address that is connected to. Raises NotAsked unless every address of the name is a public one."""
    try:
        found = network.resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise NotAsked(_("这个域名找不到")) from error
    if not found:
        raise NotAsked(_("这个域名找不到"))
    if not all(is_public(one) for one in found):
        raise NotAsked(_("这个网址指向内部网络，没有检查"))
    return found[0]


def is_public(text: str) -> bool:
    """Somewhere in the internet: no address of this machine, of an own network, of a provider's inside, of nobody."""
    try:
        address = _inner(ip_address(text.partition("%")[0]))
    except ValueError:
        return False
    if isinstance(address, IPv4Address) and any(address in one for one in NOT_PUBLIC):
        return False
    if isinstance(address, IPv6Address) and (
        address.is_site_local or address.teredo or address in COMPATIBLE or address in NAT64_LOCAL
    ):
        return False
    nowhere = address.is_private or address.is_loopback or address.is_link_local or address.is_multicast
    return address.is_global and not (nowhere or address.is_reserved or address.is_unspecified)


def _inner(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address stands for, where it does."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped or address.sixtofour:
            return address.ipv4_mapped or address.sixtofour or address
        if address in NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


class _Deadline:
    """Closes what is open when the time is over: a site that answers drop by drop does not go on for ever."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._open: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._over)
        self._timer.daemon = True
        self._is_over = False
        self._timer.start()

    def watch(self, opened: socket.socket) -> None:
        """Raises TimeoutError when the time is over already."""
        self._open = opened
        if self._is_over:
            opened.close()
            raise TimeoutError

    def _over(self) -> None:
        self._is_over = True
        if self._open:
            try:
                self._open.shutdown(socket.SHUT_RDWR)
            except OSError:  # closed already: nothing is left to end
                return

    def cancel(self) -> None:
        self._timer.cancel()


class _To(HTTPConnection):
    """Speaks to an address in the name of a host."""

    def __init__(  # noqa: PLR0913  each is a part of where it goes
        self, address: str, host: str, port: int, network: Network, deadline: _Deadline, *, encrypted: bool
    ) -> None:
        super().__init__(host, port, timeout=deadline.seconds)
        self.default_port = PORTS["https" if encrypted else "http"]
        self._address, self._network, self._deadline, self._encrypted = address, network, deadline, encrypted

    def connect(self) -> None:
        opened = self._network.dial(self._address, self.port, self._deadline.seconds)
        self._deadline.watch(opened)
        if self._encrypted:
            opened = ssl.create_default_context().wrap_socket(opened, server_hostname=self.host)
            self._deadline.watch(opened)
        self.sock = opened
