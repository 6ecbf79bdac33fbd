"""Form fields for figures, days and indicators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from framsyn.web.indicators.charts import unit_text
from framsyn.web.indicators.models import Indicator
from framsyn.web.languages import current_language

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["DayField", "IndicatorField", "NumberField", "unit_choices"]


class NumberField(forms.FloatField):
    """A number as people write it here: 1 234,5 or 1234.5, with a minus of either kind.

    >>> NumberField().clean("−1 234,5")
    -1234.5
    """

    widget = forms.TextInput

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Ask a phone for its number keys."""
        return {**super().widget_attrs(widget), "inputmode": "decimal", "autocomplete": "off"}

    def to_python(self, value: Any) -> float | None:
        """Return the number."""
        if isinstance(value, str):
            value = "".join(value.split()).replace("\u2212", "-").replace(",", ".")
        return super().to_python(value)


class DayField(forms.DateField):
    """A day, with the browser's own picker."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(input_formats=["%Y-%m-%d", "%d.%m.%Y"], **kwargs)


class IndicatorField(forms.ModelChoiceField):
    """One of the indicators, with its unit."""

    def __init__(self, **kwargs: Any) -> None:
        queryset = Indicator.objects.only("name", "unit", "decimals", "direction")
        super().__init__(queryset, empty_label=_("none: a task without a number"), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """Return the name and the unit."""
        unit = unit_text(obj.unit, current_language())
        return f"{obj.name} ({unit})" if unit else str(obj.name)


def unit_choices(units: Iterable[str]) -> list[tuple[str, str]]:
    """Return the units in words.

    >>> from django.utils import translation
    >>> with translation.override("en"):
    ...     unit_choices(["share", "index"])
    [('share', '%'), ('index', 'index')]
    """
    return [(unit, unit_text(unit, current_language()) or unit) for unit in units]
