"""The mail server: one conversation in SMTP that stops, before the end of the text, to write down that it goes on.

Django's and Python's own ``sendmail`` hand the whole text over in one call. Here the call is taken apart at the one place
that matters: until the line with the single dot the server has promised nothing, and after it nobody can take it back.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY
from typing import TYPE_CHECKING, Self

from django.conf import settings

from framsyn.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Answered", "Mailbox", "Unreachable", "is_configured", "letter_of"]

_END_OF_LINE = re.compile(rb"\r\n|\r|\n")
_DOT = re.compile(rb"(?m)^\.")
_GO_AHEAD, _ACCEPTED = 354, 250
_TEMPORARY = range(400, 500)


class Unreachable(PlanError):
    """No letter can be sent just now: no connection, wrong password, or a sender that the server does not take."""


class Answered(PlanError):
    """The server has answered that it does not take this letter; ``data["temporary"]`` tells if it may later."""

    @classmethod
    def of(cls, code: int, words: bytes) -> Answered:
        """Return the error of an answer."""
        said = f"{code} {words.decode('utf-8', 'replace')}".strip()
        return cls("mail-answer", said, answer=code, temporary=code in _TEMPORARY or code < 0)


def is_configured() -> bool:
    """Tell whether the site has a mail server."""
    return bool(settings.EMAIL_HOST)


def letter_of(*, to: str, subject: str, text: str, html: str, message_id: str, language: str) -> EmailMessage:
    """Return the e-mail: text and HTML beside each other, marked as sent by a machine.

    Raises
    ------
    ValueError
        When an address holds what no header may, such as a new line.
    """
    mail = EmailMessage(policy=MAIL_POLICY.clone(cte_type="7bit"))
    mail["From"] = settings.DEFAULT_FROM_EMAIL
    mail["To"] = to
    mail["Subject"] = subject
    mail["Message-ID"] = message_id
    mail["Content-Language"] = language
    mail["Auto-Submitted"] = "auto-generated"  # holiday answers do not answer it
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    mail["Content-Language"] = language
    return mail


class Mailbox:
    """An open connection to the mail server of the settings.

    Raises
    ------
    Unreachable
        When it cannot be opened.
    """

    def __enter__(self) -> Self:
        """Connect, encrypt and log in as the settings say."""
        kind = smtplib.SMTP_SSL if settings.EMAIL_USE_SSL else smtplib.SMTP
        self.in_text = False
        try:
            self.server = kind(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=settings.EMAIL_TIMEOUT or 30)
            if settings.EMAIL_USE_TLS:
                self.server.starttls(context=ssl.create_default_context())
            if settings.EMAIL_HOST_USER:
                self.server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
        except (OSError, smtplib.SMTPException) as error:
            raise self._unreachable(error) from error
        return self

    def __exit__(self, *_error: object) -> None:
        """Say goodbye; in the middle of a text a goodbye would be a part of it, so the line is just cut."""
        if not self.in_text:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self.server.quit()
        self.server.close()

    @staticmethod
    def _unreachable(error: Exception) -> Unreachable:
        words = " ".join(str(error).split()) or type(error).__name__
        place = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
        message = (
            f"the mail server {place} took no letter: {words}. Nothing is lost; letters wait until it does. Check "
            "FRAMSYN_EMAIL_URL, and that the server answers."
        )
        return Unreachable("mail-server", message, place=place)

    def hand_over(self, mail: EmailMessage, to: str, before_the_end: Callable[[], None]) -> str:
        """Send a letter and return what the server answered.

        Parameters
        ----------
        mail : EmailMessage
        to : str
        before_the_end : callable
            Called when all of the text has been sent but its end has not: the last moment at which stopping means that the
            letter was not sent. What it raises ends the conversation there.

        Raises
        ------
        Answered
            The server does not take it.
        Unreachable
            The connection broke before the end; the letter was not sent.
        OSError, smtplib.SMTPException
            The connection broke after the end: nobody knows.
        """
        try:
            self._envelope(mail, to)
            self.in_text = True
            self.server.send(_body(mail))
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            raise self._unreachable(error) from error
        before_the_end()
        self.server.send(b".\r\n")
        code, words = self.server.getreply()
        if code < 0:
            gone = "the connection broke after the end of the letter"
            raise smtplib.SMTPServerDisconnected(gone)
        self.in_text = False
        if code != _ACCEPTED:
            raise Answered.of(code, words)
        return f"{code} {words.decode('utf-8', 'replace')}"

    def _envelope(self, mail: EmailMessage, to: str) -> None:
        """Tell who writes to whom; a sender that is refused stops all letters, a recipient this one."""
        self.server.ehlo_or_helo_if_needed()
        sender = settings.EMAIL_SENDER
        code, words = self.server.mail(sender)
        if code != _ACCEPTED:
            self.server.rset()
            if code in _TEMPORARY:
                raise Answered.of(code, words)
            raise self._unreachable(smtplib.SMTPSenderRefused(code, words, sender))
        code, words = self.server.rcpt(to)
        if code not in (_ACCEPTED, 251):
            self.server.rset()
            raise Answered.of(code, words)
        code, words = self.server.docmd("DATA")
        if code != _GO_AHEAD:
            self.server.rset()
            raise Answered.of(code, words)


def _body(mail: EmailMessage) -> bytes:
    """Return the text as it goes over the line: lines end in CRLF, a dot at the start of one is doubled."""
    lines = _END_OF_LINE.sub(b"\r\n", mail.as_bytes())
    return _DOT.sub(b"..", lines if lines.endswith(b"\r\n") else lines + b"\r\n")
