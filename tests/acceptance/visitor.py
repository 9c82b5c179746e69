"""Somebody with cookies and no browser, for load: each answer is told as it came, redirects are not followed."""

from __future__ import annotations

import http.cookiejar
import urllib.request
from dataclasses import dataclass
from email.message import Message
from typing import IO
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from uuid import uuid4

from estates.factories import SAMPLE_PASSWORD


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str
    retry_after: str = ""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        return None


class Visitor:
    def __init__(self, site: str, username: str = "") -> None:
        self.site = site
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.cookies), NoRedirect, urllib.request.ProxyHandler({})
        )
        if username:
            assert self.sign_in(username).status == 302

    def sign_in(self, username: str, password: str = SAMPLE_PASSWORD) -> Answer:
        self.get("/login/")
        return self.post("/login/", {"username": username, "password": password})

    def get(self, path: str) -> Answer:
        return self._ask(path, None, {})

    def post(self, path: str, form: dict[str, object]) -> Answer:
        return self._ask(path, urlencode(form).encode(), {"Referer": self.site, "X-CSRFToken": self.token})

    def send(self, path: str, form: dict[str, object], name: str, file: bytes) -> Answer:
        """A form with one file, as a browser sends it."""
        mark = uuid4().hex
        part = f'--{mark}\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n'
        fields = "".join(f"{part % (key, '')}{value}\r\n" for key, value in form.items())
        head = fields + part % ("file", f'; filename="{name}"')
        body = head.encode() + file + f"\r\n--{mark}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={mark}", "Accept": "application/json"}
        return self._ask(path, body, {"Referer": self.site, "X-CSRFToken": self.token} | kind)

    @property
    def token(self) -> str:
        return next((cookie.value or "" for cookie in self.cookies if cookie.name == "csrftoken"), "")

    def _ask(self, path: str, data: bytes | None, headers: dict[str, str]) -> Answer:
        address = self.site + quote(path, safe="/?=&%")
        asked = urllib.request.Request(address, data, headers)  # noqa: S310  loopback
        try:
            with self.opener.open(asked, timeout=120) as answer:
                return _told(answer.status, answer.read(), answer.headers)
        except HTTPError as answer:
            with answer:
                return _told(answer.code, answer.read(), answer.headers)


def _told(status: int, content: bytes, headers: Message) -> Answer:
    return Answer(status, content.decode("utf-8", "replace"), headers.get("Retry-After", ""))
