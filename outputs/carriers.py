"""One mail to one recipient, and what the mail server said to it. What was not answered is never taken for unsent."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

from django.conf import settings
from django.core.mail import get_connection

from outputs.outgoing.queueing import ReadyMessage

OK = 250
START_INPUT = 354
PERMANENT = 500
LONGEST_WORDS = 160
QUEUE = "outputs.outgoing.queueing.QueueBackend"


class End(StrEnum):
    """`sent`: the server took it. `refused`: it never will. `later`: not now. `unheard`: the message was on its way
    and the line broke: nobody knows. `unbegun`: the line broke before. `stop`: the server refuses us, not the
    recipient."""

    SENT = "sent"
    REFUSED = "refused"
    LATER = "later"
    UNHEARD = "unheard"
    UNBEGUN = "unbegun"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Answer:
    end: End
    words: str = ""


class Unreachable(Exception):
    """The mail server cannot be reached, or does not let us in. `str()` says why."""


MayBegin = Callable[[], bool]


def always() -> bool:
    return True


class Carrier(Protocol):
    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def send(self, message: EmailMessage, *, sender: str, recipient: str, may_begin: MayBegin = always) -> Answer:
        """`may_begin` is asked before the first byte of the message; if it says no, nothing of it is sent and the
        answer is *unbegun*. Raises Unreachable, before anything was sent."""


class SmtpCarrier:
    """Keeps a line to the server open over many mails; opens another when it broke."""

    def __init__(self) -> None:
        self._line: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._line:
            try:
                self._line.quit()
            except (smtplib.SMTPException, OSError):
                self._hang_up()

    def send(self, message: EmailMessage, *, sender: str, recipient: str, may_begin: MayBegin = always) -> Answer:
        line = self._line or self._open()
        try:
            refusal = self._introduce(line, sender, recipient)
        except (smtplib.SMTPException, OSError) as error:
            self._hang_up()
            return Answer(End.UNBEGUN, _told(error))
        if refusal:
            return refusal
        if not may_begin():
            self._hang_up()
            return Answer(End.UNBEGUN)
        try:
            line.send(_on_the_wire(message))
            code, words = line.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self._hang_up()
            return Answer(End.UNHEARD, _told(error))
        return Answer(End.SENT, _line(code, words)) if code == OK else self._refused(line, code, words)

    def _open(self) -> smtplib.SMTP:
        kind = smtplib.SMTP_SSL if settings.EMAIL_USE_SSL else smtplib.SMTP
        try:
            line = kind(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=settings.EMAIL_TIMEOUT)
            line.ehlo_or_helo_if_needed()
            if settings.EMAIL_HOST_USER:
                line.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(_told(error)) from error
        self._line = line
        return line

    def _introduce(self, line: smtplib.SMTP, sender: str, recipient: str) -> Answer | None:
        """MAIL, RCPT and DATA; the refusal, if there is one. Until here no word of the message was sent."""
        code, words = line.mail(sender)
        if code != OK:
            self._reset(line, code)
            return Answer(End.STOP if code >= PERMANENT else End.LATER, _line(code, words))
        code, words = line.rcpt(recipient)
        if code not in (OK, 251):
            return self._refused(line, code, words)
        code, words = line.docmd("DATA")
        return None if code == START_INPUT else self._refused(line, code, words)

    def _refused(self, line: smtplib.SMTP, code: int, words: bytes) -> Answer:
        self._reset(line, code)
        return Answer(End.REFUSED if code >= PERMANENT else End.LATER, _line(code, words))

    def _reset(self, line: smtplib.SMTP, code: int) -> None:
        if code == 421:  # noqa: PLR2004  the server hangs up
            self._hang_up()
            return
        try:
            line.rset()
        except (smtplib.SMTPException, OSError):
            self._hang_up()

    def _hang_up(self) -> None:
        if self._line:
            self._line.close()
        self._line = None


class BackendCarrier:
    """Where Django's mail backend is no SMTP server: printed, into files, in memory."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    def send(self, message: EmailMessage, *, sender: str, recipient: str, may_begin: MayBegin = always) -> Answer:
        if not may_begin():
            return Answer(End.UNBEGUN)
        ready = ReadyMessage(message, sender=sender, recipient=recipient)
        get_connection(_backend()).send_messages([ready])
        return Answer(End.SENT)


def carrier() -> Carrier:
    """By the settings that stand behind MAIL_URL."""
    return SmtpCarrier() if _backend().endswith("smtp.EmailBackend") else BackendCarrier()


def _backend() -> str:
    """What really sends: never the queue itself."""
    return settings.MAIL_TRANSPORT if settings.EMAIL_BACKEND == QUEUE else settings.EMAIL_BACKEND


def _on_the_wire(message: EmailMessage) -> bytes:
    """Lines end in CR LF, a leading dot is doubled, a lone dot ends it."""
    content = message.as_bytes(policy=message.policy.clone(linesep="\r\n", max_line_length=78))
    quoted = content.replace(b"\r\n.", b"\r\n..")
    return quoted + (b"" if quoted.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _line(code: int, words: bytes) -> str:
    """What the server said, without the addresses that it may have repeated."""
    plain = words.decode("utf-8", "replace").replace("\n", " ")
    return f"{code} " + " ".join("…" if "@" in word else word for word in plain.split())[:LONGEST_WORDS]


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(w for w in str(error).split() if '@' not in w)}"[:LONGEST_WORDS]
