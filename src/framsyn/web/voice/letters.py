"""The e-mail that carries an answer to a reader who asked for it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from framsyn.web.voice.models import Report

__all__ = ["send_answer"]

log = logging.getLogger("framsyn.web.voice")


def send_answer(report: Report, address: str) -> bool:
    """Send the answer to the one who reported; tell whether it went out.

    Parameters
    ----------
    report : Report
    address : str
        Of the report's public page, with scheme and host.
    """
    with translation.override(report.language):
        subject = _("Answer to what you reported on the plan")
        body = "\n\n".join(
            (
                report.answer,
                _("What you reported: %(wrong)s") % {"wrong": report.wrong},
                address,
                _("Your e-mail address is deleted six months from today."),
            )
        )
    try:
        EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [report.email]).send()
    except OSError as error:  # the answer stands on its page whatever the post does
        log.warning("answer not sent", extra={"report": report.pk, "cause": str(error)})
        return False
    return True
