"""G15: the proxy's own configuration, run by a real nginx."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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
    (limit,) = re.findall(r"client_max_body_size (\d+)m;", CONFIGURATION)
    largest = settings.DRAWING_MAX_BYTES * 2 + FORM_BYTES
    assert largest <= int(limit) * MEGABYTE <= largest * 1.1
    with upstream() as server, nginx(folder, server.getsockname()[1]) as port:
        client = http.client.HTTPConnection("127.0.0.1", port)
        client.putrequest("POST", "/file/")
        client.putheader("Content-Length", str(int(limit) * MEGABYTE + 1))
        client.endheaders()
        assert client.getresponse().status == 413
        with pytest.raises(TimeoutError):
            server.accept()


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
