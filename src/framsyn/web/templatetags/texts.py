"""Texts, numbers and dates in templates."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime

from framsyn.report import numbers
from framsyn.web.languages import LANGUAGE_NAMES, Text, current_language

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["date", "date_iso", "figure", "month_name", "paragraphs", "percent", "said", "svg"]

register = template.Library()
_MONTHS = {
    "nb": "januar februar mars april mai juni juli august september oktober november desember".split(),
    "nn": "januar februar mars april mai juni juli august september oktober november desember".split(),
    "en": "January February March April May June July August September October November December".split(),
}


@register.simple_tag
def said(text: Mapping[str, str] | None) -> SafeString:
    """Return a text in the language of the page; another language form is marked as such, never silently shown.

    >>> str(said({"en": "beds"}))
    '<span lang="en">beds</span> <small class="language-mark">English</small>'
    """
    wanted = current_language()
    words, language = Text(text or {}).said_in(wanted)
    if not words or language == wanted:
        return format_html("{}", words)
    return format_html(
        '<span lang="{}">{}</span> <small class="language-mark">{}</small>',
        language,
        words,
        LANGUAGE_NAMES[language],
    )


@register.simple_tag
def paragraphs(text: Mapping[str, str] | None) -> SafeString:
    """Return a text as paragraphs, parted at blank lines."""
    wanted = current_language()
    words, language = Text(text or {}).said_in(wanted)
    parts = [part.strip() for part in words.split("\n\n") if part.strip()]
    body = format_html_join("\n", "<p>{}</p>", ((part,) for part in parts))
    if not parts or language == wanted:
        return body
    mark = format_html('<p><small class="language-mark">{}</small></p>', LANGUAGE_NAMES[language])
    return format_html('<div lang="{}">{}</div>{}', language, body, mark)


@register.filter
def figure(value: float | None, decimals: int | str = 0) -> str:
    r"""Return a number the Norwegian way, or a dash for none.

    >>> figure(1234567.4), figure(-4.13, 1), figure(None)
    ('1\u202f234\u202f567', '−4,1', '–')
    """
    return "–" if value is None else numbers.number(float(value), current_language(), int(decimals))


@register.filter
def percent(share: float | None, decimals: int | str = 0) -> str:
    """Return a share as percent, or a dash for none."""
    return "–" if share is None else numbers.percent(float(share), current_language(), int(decimals))


@register.filter
def date(day: Any) -> str:
    """Return a date in words: 3. mars 2027, 3 March 2027. A text that is no day stays as its writer put it.

    >>> date(datetime.date(2027, 3, 1)), date("2027-03-01"), date("2027")
    ('1. mars 2027', '1. mars 2027', '2027')
    """
    if not day:
        return "–"
    if isinstance(day, str):
        try:
            day = datetime.date.fromisoformat(day)
        except ValueError:
            return day
    if isinstance(day, datetime.datetime):
        day = localtime(day).date()
    language = current_language()
    dot = "" if language == "en" else "."
    return f"{day.day}{dot} {_MONTHS[language][day.month - 1]} {day.year}"


def month_name(month: int) -> str:
    """Return the name of a month in the language of the page.

    >>> month_name(3)
    'mars'
    """
    return _MONTHS[current_language()][month - 1]


@register.filter
def date_iso(day: datetime.date | datetime.datetime) -> str:
    """Return a date for machines.

    >>> date_iso(datetime.date(2027, 3, 1))
    '2027-03-01'
    """
    return day.strftime("%Y-%m-%d")


@register.simple_tag
def svg(markup: str) -> SafeString:
    """Return a drawing made by :mod:`framsyn.report`, which escapes all texts itself."""
    return mark_safe(markup)
