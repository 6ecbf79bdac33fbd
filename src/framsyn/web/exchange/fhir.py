"""Figures of a FHIR document as rows of the exchange, so that they go the way of the workbook: difference, then actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from framsyn.errors import PlanError
from framsyn.sources.fhir import read_json, read_reports
from framsyn.web.accounts.models import Organisation
from framsyn.web.exchange.kinds import KINDS
from framsyn.web.exchange.reading import Brought, CellError, Reading
from framsyn.web.exchange.values import BadCell, read
from framsyn.web.exchange.vocabulary import Vocabulary, vocabularies
from framsyn.web.indicators.models import Indicator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from framsyn.sources.fhir import Figure

__all__ = ["read_document"]

_KIND = "observations"
_NUMBERS = ("value", "numerator", "denominator", "coverage")


def read_document(content: bytes, name: str, reason: str = "") -> Reading:
    """Return the figures of a document as rows of the sheet of figures.

    Parameters
    ----------
    content : bytes
        A MeasureReport of the type summary, or a Bundle of them.
    name : str
        Of the file.
    reason : str
        Why figures that stand here are corrected; it goes into the log.

    Returns
    -------
    Reading
        A figure that is masked changes nothing here and is counted among the notices.

    Raises
    ------
    PlanError
        What :func:`~framsyn.sources.fhir.read_json` and :func:`~framsyn.sources.fhir.read_reports` raise.
    """
    words = vocabularies()
    units = dict(Indicator.objects.values_list("pk", "unit"))
    found = read_reports(read_json(content, name), units, _places(words["place"]))
    reading = Reading(notices=list(found.notices))
    masked = empty = 0
    for number, (indicator, figure, where) in enumerate(found.figures, start=1):
        if figure.hidden:
            masked += 1
        elif figure.value is None and None in (figure.numerator, figure.denominator):
            empty += 1
        else:
            values = _values(indicator, figure, reason)
            reading.rows.append(
                _row(number, values, where, words, reading.errors, share=units[indicator] == "share")
            )
    if masked:
        reading.notices.append(
            ngettext(
                "%(count)s figure is masked by its sender; what stands here stays.",
                "%(count)s figures are masked by their sender; what stands here stays.",
                masked,
            )
            % {"count": masked}
        )
    if empty:
        reading.notices.append(
            ngettext(
                "%(count)s place has neither a score nor both counts; what stands here stays.",
                "%(count)s places have neither a score nor both counts; what stands here stays.",
                empty,
            )
            % {"count": empty}
        )
    return reading


def _places(words: Vocabulary) -> Callable[[str], str | None]:
    """Return what finds a place: by our id, by its name in any language, or by its number in the national register."""
    numbers = {
        number: pk
        for pk, number in Organisation.objects.exclude(org_number="").values_list("pk", "org_number")
    }
    return lambda name: words.code(name) or numbers.get("".join(name.split()))


def _values(indicator: str, figure: Figure, reason: str) -> dict[str, Any]:
    """Return what the document says of a figure; what it is silent about stays as it is."""
    found: dict[str, Any] = {
        "indicator": indicator,
        "place": figure.place,
        "period_start": figure.period_start,
        "period_end": figure.period_end,
        "data_through": figure.data_through,
        "source": figure.source,
        "licence": figure.licence,
        "reason": reason,
        **{name: getattr(figure, name) for name in _NUMBERS},
        **{f"note.{code}": words for code, words in figure.note.items()},
    }
    if figure.provisional is not None:
        found["state"] = "provisional" if figure.provisional else "final"
    return {name: value for name, value in found.items() if value not in (None, "")}


def _row(
    number: int,
    said: Mapping[str, Any],
    where: str,
    words: Mapping[str, Vocabulary],
    errors: list[CellError],
    *,
    share: bool,
) -> Brought:
    kind = KINDS[_KIND]
    title = _("FHIR document")
    values: dict[str, Any] = {}
    for name, value in said.items():
        column = kind.column(name)
        try:
            values[name] = read(
                column, value, words.get(column.words), share=share and column.type == "figure"
            )
        except BadCell as error:
            errors.append(CellError(title, f"{where}, {column.head}", str(error)))
        except (ValueError, OverflowError) as error:
            raise PlanError("fhir-shape", f"{where}: {error}", where=where) from error
    cells = {column.name: f"{where}, {column.head}" for column in kind.columns}
    return Brought(_KIND, title, number, "", values, cells)
