"""The living style page at /look/: every part that pages are put together from, shown in debug mode only."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pandas as pd
from django import forms
from django.core.paginator import Paginator
from django.shortcuts import render

from framsyn.report.charts import About, Target, fan_chart
from framsyn.web.languages import current_language
from framsyn.web.templatetags.look import STATUSES
from framsyn.web.templatetags.shapes import ICONS

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from framsyn.report.figure import Chart

__all__ = ["look"]


class SampleForm(forms.Form):
    """One field of each kind, sent in empty so that every fault is seen."""

    title = forms.CharField(label="Målets ordlyd", help_text="Én setning som kan besvares med ja eller nei.")
    target = forms.DecimalField(label="Målverdi")
    deadline = forms.DateField(
        label="Frist", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    kind = forms.ChoiceField(
        label="Måltype", choices=[("least", "nå minst"), ("hold", "holde")], widget=forms.RadioSelect
    )
    place = forms.ChoiceField(label="Sted", choices=[("region", "Regionen"), ("trust", "Helseforetaket")])
    reason = forms.CharField(
        label="Begrunnelse for overstyring av statusvurderingen",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    sure = forms.BooleanField(label="Jeg har lest saksframlegget")


def sample_chart(name: str, middle: float) -> Chart:
    """Return a fan over invented numbers."""
    rows = [
        {
            "year": 2025 + step,
            **{
                f"q{part}": 1500 + middle * step + spread * step**0.5
                for part, spread in ((10, -38.0), (25, -20.0), (50, 0.0), (75, 20.0), (90, 38.0))
            },
        }
        for step in range(16)
    ]
    counted = (1580, 1575, 1570, 1562, 1560, 1551, 1540, 1538, 1490, 1502, 1511, 1518, 1509, 1500)
    history = pd.DataFrame({"year": range(2012, 2026), "value": counted})
    about = About("Døgnsenger", "senger", "et eksempel", "oppdiktede tall", current_language())
    return fan_chart(pd.DataFrame(rows), about, name=name, history=history, target=Target(1600, 2030))


def look(request: HttpRequest) -> HttpResponse:
    """Show the parts."""
    risks = [
        SimpleNamespace(
            probability=4, consequence=5, text="For få spesialsykepleiere", mitigation="Utdanning"
        ),
        SimpleNamespace(probability=2, consequence=3, text="Forsinket bygg", mitigation=""),
        SimpleNamespace(probability=4, consequence=5, text="IKT-bortfall over tre døgn", mitigation=""),
    ]
    context = {
        "statuses": list(STATUSES),
        "verdicts": ["on_the_way", "at_risk", "wrong_way", "no_data"],
        "icons": list(ICONS),
        "charts": [sample_chart("sample-rise", 14.0), sample_chart("sample-fall", -6.0)],
        "risks": risks,
        "form": SampleForm({}),
        "page": Paginator(range(400), 20).page(8),
        "crumbs": [("Look", "")],
    }
    return render(request, "pages/look.html", context)
