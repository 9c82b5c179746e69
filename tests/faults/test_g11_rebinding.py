"""An author's link makes the server speak to no inside address, whatever its name is said to mean, and when."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from magazine.link_asking import is_public, outside_problem
from tests.faults.test_g9_link_check import PUBLIC, leads_to, site_that_answers

Answers = list[tuple[int, int, int, str, tuple[str, int]]]


def answers(*addresses: str) -> Callable[..., Answers]:
    return lambda host, port, *rest, **more: [(2, 1, 6, "", (address, port or 0)) for address in addresses]


def ok(opened: socket.socket) -> None:
    opened.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    opened.close()


def dials(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Where connections would go; none is made."""
    to: list[tuple[str, int]] = []

    def dial(where: tuple[str, int], *rest: object, **more: object) -> socket.socket:
        to.append(where)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", dial)
    return to


def test_g11_a_name_that_answers_differently_twice_reaches_no_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    times = []

    def resolver(host: str, port: int, *rest: object, **more: object) -> Answers:
        times.append(host)
        return answers(PUBLIC if len(times) == 1 else "127.0.0.1")(host, port)

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    to = dials(monkeypatch)
    assert outside_problem("http://rebinding.example.com/") == "对方没有回答"
    assert (to, times) == ([(PUBLIC, 80)], ["rebinding.example.com"])


def test_g11_one_inside_address_among_others_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answers(PUBLIC, "10.0.0.1"))
    to = dials(monkeypatch)
    assert outside_problem("http://two.example.com/") == "这个网址指向内部网络，没有检查"
    assert to == []


def test_g11_a_redirect_is_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def speak(opened: socket.socket) -> None:
        opened.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://inside.example.com/admin\r\n\r\n")
        opened.close()

    with site_that_answers(speak) as (port, asked):
        leads_to(port, monkeypatch)
        inside = answers("169.254.169.254")
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda host, port, **more: (inside if "inside" in host else answers(PUBLIC))(host, port),
        )
        assert outside_problem("http://outside.example.com/") == "这个网址指向内部网络，没有检查"
    assert len(asked) == 1


def test_g11_redirects_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def speak(opened: socket.socket) -> None:
        opened.sendall(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")
        opened.close()

    with site_that_answers(speak) as (port, asked):
        leads_to(port, monkeypatch)
        assert outside_problem("http://round.example.com/") == "对方转来转去，没有尽头"
    assert len(asked) == 6


def test_g11_a_living_link_is_good(monkeypatch: pytest.MonkeyPatch) -> None:
    with site_that_answers(ok) as (port, asked):
        leads_to(port, monkeypatch)
        assert outside_problem("http://部门.example.com/新闻") == ""
    assert b"Host: xn--" in asked[0]


@pytest.mark.parametrize("href", ["http://example.com:22/", "http://example.com:8000/", "https://example.com:6379/"])
def test_g11_no_other_ports(href: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answers(PUBLIC))
    to = dials(monkeypatch)
    assert outside_problem(href) == "只检查常用端口（80、443）的网址"
    assert to == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",  # noqa: S104
        "100.64.0.1", "100.100.100.200", "192.0.0.192", "224.0.0.1", "239.1.1.1", "255.255.255.255",
        "240.0.0.1", "198.18.0.1", "::", "::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1", "2002:7f00:1::1", "2002:a00:1::1", "2001:db8::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2", "::7f00:1", "not an address",
    ],
)  # fmt: skip
def test_g11_inside_addresses(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "2606:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"])
def test_g11_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "href", ["http://127.1/", "http://2130706433/", "http://0x7f.1/", "http://[::1]/", "http://localhost/"]
)
def test_g11_loopback_however_it_is_written(href: str, monkeypatch: pytest.MonkeyPatch) -> None:
    to = dials(monkeypatch)
    assert outside_problem(href) in ("这个网址指向内部网络，没有检查", "这个域名找不到")
    assert to == []
