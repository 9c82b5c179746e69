"""G15: the proxy's own configuration, run by a real nginx."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings

from cms.serving import FORM_BYTES
from scripts.healthy import is_well
from tests.acceptance.post_office import free_port
from tests.faults.small_site import small_site, wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
CONFIGURATION = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
CLIENT, FORGED = "203.0.113.9", "198.51.100.1"
MEGABYTE = 1024 * 1024


@pytest.fixture
def folder() -> Iterator[Path]:
    """Another account than root's may write here."""
    made = Path(tempfile.mkdtemp(prefix="anjuan-nginx-"))
    made.chmod(0o777)
    yield made
    shutil.rmtree(made)


@contextmanager
def nginx(folder: Path, web: int, *, ends_tls: bool = False) -> Iterator[int]:
    """The proxy before `web`, as an ordinary account; the test is the one who ends TLS, or a stranger."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not program:
        pytest.skip("no nginx: apt-get install nginx-light")
    port = free_port()
    told = CONFIGURATION.replace("web:8000", f"127.0.0.1:{web}").replace("listen 8080", f"listen 127.0.0.1:{port}")
    told = told.replace("/tmp/", f"{folder}/").replace("/dev/stdout", f"{folder}/access.log")  # noqa: S108
    told = told.replace("/dev/stderr", f"{folder}/error.log")
    if ends_tls:
        told = told.replace("172.28.0.1", "127.0.0.1")
    (folder / "nginx.conf").write_text(told, "utf-8")
    (folder / "nginx.conf").chmod(0o644)
    command = [program, "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]
    account = "nobody" if os.getuid() == 0 else None
    checked = subprocess.run([*command, "-t"], user=account, capture_output=True, text=True, check=False)  # noqa: S603
    assert checked.returncode == 0, checked.stderr
    process = subprocess.Popen([*command, "-g", "daemon off;"], user=account)  # noqa: S603
    try:
        wait_until(lambda: listens(port), lambda: (folder / "error.log").read_text("utf-8"))
        yield port
    finally:
        process.terminate()
        process.wait()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def upstream() -> Iterator[socket.socket]:
    """In the place of the web process: it sees when a request comes, and what it is."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(1)
        yield server


def request_at(server: socket.socket) -> str:
    server.settimeout(10)
    taken, _ = server.accept()
    with taken:
        taken.settimeout(0.5)
        received = b""
        try:
            while chunk := taken.recv(65536):
                received += chunk
        except TimeoutError:
            pass
        taken.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Frame-Options: DENY\r\n\r\nok")
    return received.decode()


def headers_of(request: str) -> dict[str, str]:
    lines = request.partition("\r\n\r\n")[0].splitlines()[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


def ask(port: int, *headers: str) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port))
    client.sendall("\r\n".join(["GET /work/?q=1 HTTP/1.1", "Host: anjuan.example.cn", *headers, "", ""]).encode())
    return client


def test_g15_a_slow_upload_reaches_the_web_process_in_whole(folder: Path) -> None:
    with (
        upstream() as server,
        nginx(folder, server.getsockname()[1]) as port,
        socket.create_connection(("127.0.0.1", port)) as client,
    ):
        client.sendall(b"POST /file/ HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" + b"a" * 100_000)
        with pytest.raises(TimeoutError):
            server.accept()
        client.sendall(b"a" * 100_000)
        request = request_at(server)
        answer = client.recv(65536).decode()
    assert len(request.partition("\r\n\r\n")[2]) == 200_000
    assert answer.startswith("HTTP/1.1 200 OK\r\n")
    assert "X-Frame-Options: DENY" in answer
    assert "Server: nginx\r\n" in answer, "without its version"


def test_g15_a_strangers_word_is_not_passed_on(folder: Path) -> None:
    words = f"X-Forwarded-For: {FORGED}", "X-Forwarded-Proto: https"
    with upstream() as server, nginx(folder, server.getsockname()[1]) as port, ask(port, *words):
        told = headers_of(request_at(server))
    assert (told["x-forwarded-for"], told["x-forwarded-proto"]) == ("127.0.0.1", "http")
    assert told["host"] == "anjuan.example.cn"


def test_g15_who_ends_tls_says_who_asked_and_how(folder: Path) -> None:
    words = f"X-Forwarded-For: {FORGED}, {CLIENT}", "X-Forwarded-Proto: https"
    with upstream() as server, nginx(folder, server.getsockname()[1], ends_tls=True) as port, ask(port, *words):
        told = headers_of(request_at(server))
    assert (told["x-forwarded-for"], told["x-forwarded-proto"]) == (CLIENT, "https")


def test_g15_what_is_too_large_for_the_site_is_too_large_for_the_proxy(folder: Path) -> None:
    limits = [int(told) * MEGABYTE for told in re.findall(r"client_max_body_size (\d+)m;", CONFIGURATION)]
    largest = [kind * 2 + FORM_BYTES for kind in (settings.PHOTO_MAX_BYTES, settings.DRAWING_MAX_BYTES)]
    assert all(site <= proxy <= site * 1.1 for site, proxy in zip(largest, limits, strict=True))
    with upstream() as server, nginx(folder, server.getsockname()[1]) as port:
        for path, limit in zip(("/archive/d/x/documents/", "/packs/x/drawings/"), limits, strict=True):
            assert [refusal(port, path, size) for size in (limit + 1, limit)] == [413, None]
        with pytest.raises(TimeoutError):
            server.accept()


def refusal(port: int, path: str, size: int) -> int | None:
    """What is said at once to a body so large; None where the proxy waits for it."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=0.5)
    client.putrequest("POST", path)
    client.putheader("Content-Length", str(size))
    client.endheaders()
    try:
        return client.getresponse().status
    except TimeoutError:
        return None
    finally:
        client.close()


@pytest.mark.parametrize(("path", "at_once"), [("/archive/d/x/documents/", 8), ("/o/token/drawings/", 2)])
def test_g15_few_bodies_at_once_lie_in_the_proxy(folder: Path, path: str, at_once: int) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n".encode()
    with upstream() as server, nginx(folder, server.getsockname()[1]) as port, ExitStack() as stack:
        senders = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(at_once)]
        for sender in senders:
            sender.sendall(head)
        wait_until(lambda: refusal(port, path, 1000) == 503, lambda: "all are let in")
        with ask(port):
            assert request_at(server).startswith("GET /work/?q=1 HTTP/1.1"), "who only reads is let in"
        senders[0].close()
        wait_until(lambda: refusal(port, path, 1000) is None, lambda: "nobody is let in again")


@contextmanager
def names(addresses: list[str]) -> Iterator[int]:
    """A name server that knows one machine, at the last of these addresses, for as long as a word is good."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def answer() -> None:
            while True:
                try:
                    asked, who = server.recvfrom(512)
                except OSError:
                    return
                head = asked[:2] + b"\x81\x80\0\1\0\1\0\0\0\0"
                question = asked[12 : asked.index(b"\0", 12) + 5]
                found = b"\xc0\x0c\0\1\0\1\0\0\x02\x58\0\4" + socket.inet_aton(addresses[-1])
                server.sendto(head + question + found, who)

        threading.Thread(target=answer, daemon=True).start()
        yield server.getsockname()[1]


def test_g15_the_proxy_finds_a_web_process_that_moved(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = socket.create_server(("127.0.0.2", 0)), socket.socket()
    web = first.getsockname()[1]
    second.bind(("127.0.0.3", web))
    second.listen()
    addresses = ["127.0.0.2"]
    with first, second, names(addresses) as resolver:
        told = CONFIGURATION.replace("127.0.0.11 valid=5s", f"127.0.0.1:{resolver} valid=1s")
        monkeypatch.setattr(sys.modules[__name__], "CONFIGURATION", told.replace("web:8000", f"web:{web}"))
        with nginx(folder, web) as port:
            with ask(port):
                assert request_at(first).startswith("GET /work/?q=1 HTTP/1.1")
            addresses.append("127.0.0.3")
            time.sleep(2)
            with ask(port):
                assert request_at(second).startswith("GET /work/?q=1 HTTP/1.1")


def test_g15_no_token_stands_in_the_proxys_log(folder: Path) -> None:
    with upstream() as server, nginx(folder, server.getsockname()[1]) as port:
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET /o/the-token/answer/?q=name HTTP/1.1\r\nHost: x\r\n\r\n")
            request_at(server)
            client.recv(65536)
        wait_until(lambda: (folder / "access.log").stat().st_size > 0, lambda: "no line in the log")
    assert " GET /-/ 200 " in (folder / "access.log").read_text("utf-8")


@pytest.mark.django_db(transaction=True)
def test_g15_the_site_behind_it_knows_who_asks(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    web = free_port()
    site = small_site(tmp_path / "var", TRUSTED_PROXIES="127.0.0.1/32", SECURE_COOKIES="1", ALLOWED_HOSTS="localhost")
    site.manage("collectstatic", "--noinput", "-v0")
    site.manage("make_keys")
    site.manage("search", "rebuild")
    with (
        site.running("serve", "--listen", f"127.0.0.1:{web}"),
        nginx(folder, web, ends_tls=True) as port,
    ):
        wait_until(lambda: listens(web), lambda: site.log)
        monkeypatch.setenv("ALLOWED_HOSTS", "localhost,another.example.cn")
        assert is_well(f"http://127.0.0.1:{web}/health/")
        assert not is_well(f"http://127.0.0.1:{free_port()}/health/")
        through_tls = {"X-Forwarded-For": CLIENT, "X-Forwarded-Proto": "https", "Host": "localhost"}
        client = http.client.HTTPConnection("127.0.0.1", port)
        client.request("GET", "/login/", headers={"Host": "localhost"})
        plain = client.getresponse()
        plain.read()
        assert (plain.status, plain.headers["Location"]) == (301, "https://localhost/login/")
        client.request("GET", "/login/", headers=through_tls)
        page = client.getresponse()
        text = page.read().decode()
        assert page.status == 200
        assert page.headers["Strict-Transport-Security"] == "max-age=2592000"
        assert (page.headers["X-Frame-Options"], page.headers["X-Content-Type-Options"]) == ("DENY", "nosniff")
        cookie = page.headers["Set-Cookie"]
        assert "; Secure" in cookie
        (token,) = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', text)[:1]
        form = urlencode({"username": "somebody", "password": "wrong", "csrfmiddlewaretoken": token})
        sent = through_tls | {
            "Cookie": cookie.partition(";")[0],
            "Content-Type": "application/x-www-form-urlencoded",
            "Referer": "https://localhost/login/",
        }
        client.request("POST", "/login/", form, sent)
        answer = client.getresponse()
        answer.read()
        assert answer.status == 200
        client.close()
    assert site.rows("SELECT username, ip_address FROM axes_accessattempt") == [("somebody", CLIENT)]
