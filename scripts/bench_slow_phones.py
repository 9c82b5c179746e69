"""Twenty slow phones send photos while ten people read: how long the readers wait, and whether anybody is refused.

Starts a site of its own with samples; it is served as it was before (gunicorn, four threads), then as it is.
"""

from __future__ import annotations

import argparse
import http.cookiejar
import os
import re
import socket
import statistics
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from scripts.bench_site import bench_site

PHONES, BYTES, BYTES_A_SECOND, READERS, PIECE = 20, 4 << 20, 60_000, 10, 6_000
PAGES = ("/work/", "/search/?q=渗漏", "/lessons/", "/")
BOUNDARY = "slow-phone"


class Person:
    """Somebody who is signed in."""

    def __init__(self, site: str, username: str) -> None:
        self.site, self.jar = site, http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        page = self.read("/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        form = {"username": username, "password": "anjuan-sample", "csrfmiddlewaretoken": token[1] if token else ""}
        self.read("/login/", urllib.parse.urlencode(form).encode())

    def read(self, path: str, data: bytes | None = None) -> str:
        address = self.site + urllib.parse.quote(path, safe="/?=&")
        request = urllib.request.Request(address, data, {"Referer": self.site})  # noqa: S310  loopback
        with self.opener.open(request, timeout=180) as answer:
            return str(answer.read().decode("utf-8", "replace"))

    def post(self, path: str, data: bytes, kind: str) -> int:
        """The status of the answer; 0 when the line was cut."""
        headers = {"Referer": self.site, "Content-Type": kind, "Accept": "application/json"}
        request = urllib.request.Request(self.site + path, data, headers)  # noqa: S310  loopback
        try:
            with self.opener.open(request, timeout=300) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as answer:
            return answer.code
        except OSError:
            return 0

    @property
    def cookies(self) -> dict[str, str]:
        return {cookie.name: cookie.value or "" for cookie in self.jar}


def send_slowly(person: Person, host: str, port: int, number: int, ends: list[str]) -> None:
    """One photo of 4 MB at 60 kB/s; the first line of the answer is kept."""
    token = person.cookies["csrftoken"]
    fields = {"csrfmiddlewaretoken": token, "client_id": f"00000000-0000-4000-8000-{number:012}"}
    head = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    head += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename="p{number}.jpg"\r\n\r\n'
    body = head.encode() + os.urandom(BYTES) + f"\r\n--{BOUNDARY}--\r\n".encode()
    cookies = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
    lines = (
        "POST /file/photos/ HTTP/1.1",
        f"Host: {host}:{port}",
        f"Cookie: {cookies}",
        f"Referer: http://{host}:{port}/file/",
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    try:
        with socket.create_connection((host, port), timeout=300) as link:
            link.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            for start in range(0, len(body), PIECE):
                link.sendall(body[start : start + PIECE])
                time.sleep(PIECE / BYTES_A_SECOND)
            ends.append(link.recv(200).split(b"\r\n")[0].decode())
    except OSError as error:
        ends.append(f"refused: {error}")


def read_on(person: Person, until: float, waits: list[float], refused: list[str]) -> None:
    """Page after page, with a second to read each."""
    turn = 0
    while time.monotonic() < until:
        started = time.monotonic()
        try:
            person.read(PAGES[turn % len(PAGES)])
        except OSError as error:
            refused.append(str(error))
        waits.append(time.monotonic() - started)
        turn += 1
        time.sleep(1)


def measure(site: str, *, phones: int, seconds: float) -> None:
    host, port = urllib.parse.urlsplit(site).hostname or "", urllib.parse.urlsplit(site).port or 80
    sender = Person(site, "editor")
    sender.read("/file/")
    readers = [Person(site, "designer") for _ in range(READERS)]
    ends: list[str] = []
    waits: list[float] = []
    refused: list[str] = []
    until = time.monotonic() + seconds
    threads = [
        *(threading.Thread(target=send_slowly, args=(sender, host, port, n, ends)) for n in range(phones)),
        *(threading.Thread(target=read_on, args=(reader, until, waits, refused)) for reader in readers),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    waits.sort()
    p95 = waits[int(len(waits) * 0.95)]
    told = {end: ends.count(end) for end in sorted(set(ends))}
    print(
        f"{phones:2} slow phones: {len(waits)} pages, median {statistics.median(waits) * 1000:.0f} ms, "
        f"p95 {p95 * 1000:.0f} ms, longest {waits[-1] * 1000:.0f} ms, {len(refused)} refused; phones: {told}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8397)
    parser.add_argument("--seconds", type=float, default=80)
    options = parser.parse_args()
    with bench_site(options.port) as site:
        for by_gunicorn in (True, False):
            print("before, gunicorn:" if by_gunicorn else "the embedded server:", flush=True)
            with site.served(by_gunicorn=by_gunicorn):
                for phones in (0, PHONES):
                    measure(site.address, phones=phones, seconds=options.seconds if phones else 20)


if __name__ == "__main__":
    main()
