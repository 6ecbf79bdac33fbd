"""What the look of a page needs from Python: addresses of the built files, doors, status, icons, figures, risks."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import template
from django.templatetags.static import static
from django.urls import get_script_prefix
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, gettext_lazy

from framsyn.errors import PlanError
from framsyn.report.figure import NARROW, WIDE
from framsyn.web.indicators.sentences import status_name
from framsyn.web.languages import current_language
from framsyn.web.templatetags.shapes import ICONS, SHAPES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.core.paginator import Page
    from django.template import Context

    from framsyn.report.figure import Chart

__all__ = ["ASSETS", "STATUSES", "assets_built", "register"]

register = template.Library()

ASSETS = Path(__file__).resolve().parents[1] / "static" / "framsyn"
"""Where ``tools/build_assets.py`` puts what it builds."""

STATUSES = {
    # goals: the words are those of the rule (framsyn.web.indicators)
    "reached": ("check", "well", None),
    "on_the_way": ("circle", "well", None),
    "at_risk": ("triangle", "look", None),
    "outside": ("diamond", "look", None),
    "wrong_way": ("square", "wrong", None),
    "missed": ("cross", "wrong", None),
    "no_data": ("ring", "quiet", None),
    "not_measured": ("hollow-square", "quiet", None),
    # standing of a decision
    "decided": ("diamond", "well", gettext_lazy("Decided")),
    "proposed": ("hollow-diamond", "quiet", gettext_lazy("Proposed")),
    "illustration": ("hollow-diamond", "quiet", gettext_lazy("Example, not decided")),
    # measures
    "idea": ("dots", "quiet", gettext_lazy("Idea")),
    "planned": ("ring", "quiet", gettext_lazy("Planned")),
    "under_way": ("half", "well", gettext_lazy("Under way")),
    "completed": ("check", "well", gettext_lazy("Completed")),
    "stopped": ("hollow-square", "quiet", gettext_lazy("Stopped")),
    "on_time": ("clock", "well", gettext_lazy("On time")),
    "late": ("clock", "look", gettext_lazy("Late")),
    "on_plan": ("circle", "well", gettext_lazy("On plan")),
    "needs_attention": ("triangle", "look", gettext_lazy("Needs attention")),
    "stuck": ("cross", "wrong", gettext_lazy("Stuck")),
    # indicators and their readings
    "better": ("up", "well", gettext_lazy("Better")),
    "worse": ("down", "wrong", gettext_lazy("Worse")),
    "steady": ("across", "quiet", gettext_lazy("Steady")),
    "signal": ("triangle", "look", gettext_lazy("Signal")),
    "provisional": ("hollow-diamond", "quiet", gettext_lazy("Provisional")),
    "final": ("diamond", "quiet", gettext_lazy("Final")),
    # versions
    "draft": ("hollow-diamond", "quiet", gettext_lazy("Draft")),
    "consultation": ("dots", "look", gettext_lazy("Out for consultation")),
    "published": ("diamond", "well", gettext_lazy("Published")),
    "withdrawn": ("hollow-square", "quiet", gettext_lazy("Withdrawn")),
    # reports of readers
    "received": ("ring", "look", gettext_lazy("Received")),
    "in_work": ("half", "well", gettext_lazy("In work")),
    "corrected": ("check", "well", gettext_lazy("Corrected")),
    "no_fault": ("hollow-square", "quiet", gettext_lazy("No fault found")),
    # checks
    "ok": ("check", "well", gettext_lazy("In order")),
    "failed": ("cross", "wrong", gettext_lazy("Failed")),
}
"""Code → shape, tone and word. Red is kept for the wrong way and for failure."""

_SIZES = {"full": WIDE, "half": 560, "card": NARROW}

_QUESTIONS = (
    ("outlook/", gettext_lazy("Where are we going?")),
    ("plan/", gettext_lazy("What will we do?")),
)
_DOORS = (
    ("goals/", gettext_lazy("Goals")),
    ("indicators/", gettext_lazy("Indicators")),
    ("measures/", gettext_lazy("Measures")),
    ("follow-up/", gettext_lazy("Follow-up")),
    ("data/", gettext_lazy("Data")),
)
_FOOT = (
    ("accessibility/", gettext_lazy("Accessibility")),
    ("licence/", gettext_lazy("Licences and sources")),
    ("privacy/", gettext_lazy("Privacy")),
    ("places/", gettext_lazy("Places")),
    ("glossary/", gettext_lazy("Words")),
    ("changes/", gettext_lazy("What changed")),
    ("api/docs/", gettext_lazy("Programming interface")),
    ("follow-up/", gettext_lazy("Follow-up")),
    ("corrections/", gettext_lazy("Corrected errors")),
    ("report-error/", gettext_lazy("Report an error")),
)


@lru_cache(maxsize=4)
def _manifest(path: Path, changed_at: int) -> dict[str, str]:
    return json.loads(path.read_text(encoding="utf-8"))["files"]


def assets_built() -> dict[str, str]:
    """Return the built files by plain name, or nothing if they have not been built."""
    path = ASSETS / "manifest.json"
    try:
        return _manifest(path, path.stat().st_mtime_ns)
    except OSError:
        return {}


@register.simple_tag
def asset(name: str) -> str:
    """Address of a built file ("framsyn.css"); empty when nothing is built, and the page says so itself."""
    built = assets_built()
    return static(f"framsyn/{built[name]}") if name in built else ""


@register.simple_tag
def address(path: str = "") -> str:
    """Address of a page of the site, also below a prefix."""
    return get_script_prefix() + path.removeprefix("/")


@register.simple_tag(takes_context=True)
def doors(context: Context, which: str) -> list[dict[str, Any]]:
    """Links of the top bar or the foot: ``questions``, ``rest`` or ``foot``."""
    links = {"questions": _QUESTIONS, "rest": _DOORS, "foot": _FOOT}[which]
    request = context.get("request")
    here = request.path if request else ""
    found = []
    for path, label in links:
        whole = get_script_prefix() + path
        current = "page" if here == whole else "true" if here.startswith(whole) and which != "foot" else ""
        found.append({"address": whole, "label": label, "current": current})
    return found


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw an icon; with a label it speaks, without one it is decoration.

    >>> str(icon("plus"))
    '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M12 5v14M5 12h14"/></svg>'
    """
    if name not in ICONS:
        message = f'there is no icon "{name}"; there are {", ".join(ICONS)}.'
        raise PlanError("icon-unknown", message, got=name)
    speaks = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" {} focusable="false"><path d="{}"/></svg>', speaks, ICONS[name]
    )


def _status_or_raise(code: str) -> tuple[str, str, str]:
    """Shape, tone and word of a status."""
    if code not in STATUSES:
        message = f'there is no status "{code}"; there are {", ".join(STATUSES)}.'
        raise PlanError("status-unknown", message, got=code)
    drawn, tone_of, word = STATUSES[code]
    return drawn, tone_of, status_name(code, current_language()) if word is None else str(word)


@register.simple_tag
def shape(code: str) -> SafeString:
    """Draw the shape of a status, without its word."""
    drawn = SHAPES[_status_or_raise(code)[0]]
    return format_html(
        '<svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">{}</svg>', mark_safe(drawn)
    )


@register.simple_tag
def status(
    code: str, label: str = "", href: str = "", count: object = None, plain: bool = False
) -> SafeString:
    """Badge of a status: shape, word and colour; a link where an address is given.

    Parameters
    ----------
    code : str
        One of :data:`STATUSES`.
    label : str
        Other words than the usual ones.
    href : str
    count : int or str
        A number before the word, as on the home page.
    plain : bool
        Without frame and ground, for tables.
    """
    _, tone, word = _status_or_raise(code)
    number = format_html("<b>{}</b> ", count) if count is not None else ""
    inner = format_html("{}<span>{}{}</span>", shape(code), number, label or word)
    look = f"status status--{tone}" + (" status--plain" if plain else "")
    if href:
        return format_html('<a class="{}" href="{}">{}</a>', look, href, inner)
    return format_html('<span class="{}">{}</span>', look, inner)


@register.filter
def tone(code: str) -> str:
    """Tone of a status (well, look, wrong, quiet), for the edge of a card or a verdict.

    >>> tone("at_risk"), tone("wrong_way")
    ('look', 'wrong')
    """
    return _status_or_raise(code)[1]


@register.simple_tag
def bar(share: float, look: str = "") -> SafeString:
    """A bar filled to a share of 0–1; decoration beside the number itself.

    >>> "37.5" in bar(0.375)
    True
    """
    width = 100 * min(1.0, max(0.0, float(share)))
    return format_html(
        '<svg class="bar{}" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect width="100" height="10"/><rect class="bar__part" width="{}" height="10"/></svg>',
        f" bar--{look}" if look else "",
        f"{width:g}",
    )


@register.simple_tag(takes_context=True)
def report_error(context: Context, name: str) -> str:
    """Address where an error in a figure or a table of this page is reported.

    A part of a page that is drawn once and kept has no request; it says where it belongs by ``page_address``.
    """
    request = context.get("request")
    page = context.get("page_address") or (request.path if request else "")
    return f"{get_script_prefix()}report-error/?{urlencode({'figure': name, 'page': page})}"


@register.inclusion_tag("parts/figure.html", takes_context=True)
def figure(
    context: Context,
    chart: Chart,
    csv: str = "",
    about: object = "",
    heading: int = 3,
    report: str = "",
    size: str = "full",
) -> dict[str, Any]:
    """A chart of the report in a page: drawing, table, file, what it is.

    Parameters
    ----------
    chart : Chart
    csv : str
        Address of the table as a file.
    about : str
        Source, method, run; a plain text or safe markup.
    heading : int
        Level of the heading.
    report : str
        Address where an error in this figure is reported; the site's own form if left out.
    size : {"full", "half", "card"}
        ``full`` is drawn 720 px wide, ``half`` 560 for two beside each other, both 360 on a phone; ``card`` only 360.
    """
    return {
        "chart": chart,
        "wide": mark_safe(chart.svg(_SIZES[size], with_title=False)) if _SIZES[size] > NARROW else "",
        "half": size == "half",
        "narrow": mark_safe(chart.svg(NARROW, with_title=False)),
        "table": mark_safe(chart.html_table()),
        "heading": f"h{int(heading)}",
        "csv": csv,
        "about": about,
        "report": report or report_error(context, chart.name),
    }


@register.inclusion_tag("parts/risk_matrix.html")
def risk_matrix(risks: Iterable[Any]) -> dict[str, Any]:
    """Risks in five by five fields: probability upwards, consequence to the right.

    Parameters
    ----------
    risks : iterable
        Each with ``probability`` and ``consequence`` (1–5), ``text``, and ``url`` if it has a page. They are numbered in
        their order, and the list below the matrix carries the same numbers.
    """
    numbered = list(enumerate(risks, start=1))
    chances = [
        gettext("Very unlikely"),
        gettext("Unlikely"),
        gettext("Possible"),
        gettext("Likely"),
        gettext("Very likely"),
    ]
    weights = [
        gettext("Very small"),
        gettext("Small"),
        gettext("Moderate"),
        gettext("Large"),
        gettext("Very large"),
    ]
    levels = {"low": gettext("low"), "medium": gettext("medium"), "high": gettext("high")}
    rows = []
    for chance in range(5, 0, -1):
        fields = []
        for weight in range(1, 6):
            level = risk_level(chance * weight)
            inside = [
                (n, risk) for n, risk in numbered if (risk.probability, risk.consequence) == (chance, weight)
            ]
            fields.append({"level": level, "word": levels[level], "risks": inside})
        rows.append({"label": chances[chance - 1], "number": chance, "fields": fields})
    listed = [
        {"number": n, "risk": risk, "level": level, "word": levels[level]}
        for n, risk in numbered
        for level in [risk_level(risk.probability * risk.consequence)]
    ]
    return {"rows": rows, "weights": list(enumerate(weights, start=1)), "listed": listed}


@register.filter
def risk_level(product: int) -> str:
    """Level of a risk by probability times consequence: low to 5, medium to 12, high above.

    >>> [risk_level(product) for product in (5, 6, 12, 15)]
    ['low', 'medium', 'medium', 'high']
    """
    return "low" if product <= 5 else "medium" if product <= 12 else "high"


@register.simple_tag(takes_context=True)
def with_query(context: Context, **changes: object) -> str:
    """The query of this page with some parts changed; a part set to nothing is left out. The language stays behind."""
    request = context.get("request")
    if request is None:
        return "?"
    query = request.GET.copy()
    query.pop("lang", None)
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else request.path


@register.inclusion_tag("parts/pagination.html", takes_context=True)
def pages(context: Context, page: Page) -> dict[str, Any]:
    """Links to the pages of a list, the far ones left out."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return {"page": page, "numbers": list(numbers), "request": context.get("request")}
