"""A real SMTP server on this machine: it keeps what it has taken, and can be told to misbehave."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

__all__ = ["MailServer", "mail_settings", "serving"]


@dataclass
class MailServer:
    """What the server has taken, and what it answers.

    Parameters
    ----------
    on_recipient, on_text : callable, optional
        Called with the address, or with the letter; an answer that it returns is given instead of taking the letter.
    """

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    on_recipient: Callable[[str], str | None] | None = None
    on_text: Callable[[EmailMessage], str | None] | None = None

    @property
    def ids(self) -> list[str]:
        """Message-IDs of all letters, in order."""
        return [mail["Message-ID"] for mail in self.taken]

    def to(self, address: str) -> list[EmailMessage]:
        """Return the letters to one address."""
        return [mail for mail in self.taken if mail["To"] == address]

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Take a recipient or not."""
        answer = self.on_recipient(address) if self.on_recipient else None
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Take a letter or not."""
        mail: Any = email.message_from_bytes(envelope.content, policy=email.policy.default)
        answer = self.on_text(mail) if self.on_text else None
        if answer and not answer.startswith("250"):
            return answer
        self.taken.append(mail)
        return answer or "250 OK"


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@contextmanager
def serving(port: int | None = None):
    """Run a mail server in a thread of its own until the end of the block."""
    server = MailServer(port or _free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def mail_settings(settings: Any, port: int) -> None:
    """Let the site send its letters to a server on this machine."""
    from framsyn.web.followup.mail_settings import read_email_url

    for name, value in read_email_url(f"smtp://127.0.0.1:{port}?from=plan@example.org&timeout=5").items():
        setattr(settings, name, value)
    settings.SITE_URL = "https://plan.example.org"
