"""Pages of scenarios: the list, one of them, two or three beside each other, and their files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from framsyn.report.words import join
from framsyn.web.actions import Actor
from framsyn.web.exchange.tables import answer
from framsyn.web.languages import current_language
from framsyn.web.scenarios import comparing, pages
from framsyn.web.scenarios.files import differences_table, figures_table
from framsyn.web.scenarios.models import Reading
from framsyn.web.scenarios.queries import (
    choices,
    known_by_keys,
    known_or_404,
    readings_now,
    shipped,
    state_of,
)

if TYPE_CHECKING:
    from django.http import HttpRequest

    from framsyn.web.scenarios.queries import Known

__all__ = ["compare", "compare_file", "crumbs", "figures_file", "scenario", "scenarios", "toml"]

AGAIN = "4"  # seconds after which a page whose figures are being computed is asked for again
_LETTERS = "abc"


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the way here."""
    here = (_("Scenarios"), reverse("scenarios") if more else "")
    return [(_("Outlook"), reverse("outlook")), here, *more]


def page(request: HttpRequest, template: str, context: dict[str, Any], *, waits: bool) -> HttpResponse:
    """Return a page; while figures are being computed the browser asks for it again, with or without script."""
    response = render(request, template, {**context, "waits": waits})
    if waits:
        response["Refresh"] = AGAIN
    return response


@require_safe
def scenarios(request: HttpRequest) -> HttpResponse:
    """Every scenario that one may read, in groups, with what each says for the last year."""
    found = pages.listed(Actor.of(request), current_language(), request.GET.get("page", "1"))
    context = {
        "crumbs": crumbs(),
        "groups": found.groups,
        "removed": found.removed,
        "may_save": found.may_save,
        "page": found.page,
    }
    return page(request, "scenarios/list.html", context, waits=found.waits)


@require_safe
def scenario(request: HttpRequest, slug: str) -> HttpResponse:
    """One scenario: what it assumes, its figures, then and now, its history."""
    actor = Actor.of(request)
    known = known_or_404(actor, slug)
    shown = pages.detail(actor, known, current_language())
    context = {"crumbs": crumbs((str(known.name), "")), "one": shown, "known": known, "saved": known.saved}
    return page(request, "scenarios/scenario.html", context, waits=shown.state == "waiting")


@require_safe
def toml(request: HttpRequest, slug: str) -> HttpResponse:
    """The scenario as a file that the command line runs to the same id."""
    known = known_or_404(Actor.of(request), slug)
    text = known.toml()
    name = f"{known.manifest['scenario']}.toml"
    response = HttpResponse(text, content_type="application/toml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
def figures_file(request: HttpRequest, slug: str, form: str) -> Any:
    """Every figure that is kept of a scenario, as it was and as it is."""
    known = known_or_404(Actor.of(request), slug)
    ids = [known.run_id, *([known.saved.run_id] if known.saved else [])]
    readings = {one.pk: one for one in Reading.objects.filter(pk__in=ids)}
    kept = [readings[name] for name in dict.fromkeys(reversed(ids)) if name in readings]
    if not kept:
        readings_now([known])
        raise Http404
    return answer(request, figures_table(slug, kept, current_language()), form)


# ---------------------------------------------------------------- beside each other
def asked(request: HttpRequest) -> tuple[list[Known], list[str]]:
    """Return the scenarios that an address asks for, each once, and those names that nothing stands for."""
    keys = [request.GET.get(letter, "").strip()[:80] for letter in _LETTERS]
    wanted = list(dict.fromkeys(key for key in keys if key))
    found = known_by_keys(Actor.of(request), wanted)
    return [one for one in found.values() if one is not None], [
        key for key, one in found.items() if one is None
    ]


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Two or three scenarios side by side: ``?a=&b=&c=``, the others held against the first."""
    actor, lang = Actor.of(request), current_language()
    known, missing = asked(request)
    menus = [
        {
            "name": letter,
            "label": label,
            "chosen": known[place].key if place < len(known) else "",
        }
        for place, (letter, label) in enumerate(
            zip(_LETTERS, (_("First"), _("Against"), _("And")), strict=True)
        )
    ]
    context: dict[str, Any] = {
        "crumbs": crumbs((_("Side by side"), "")),
        "groups": choices(actor),
        "menus": menus,
        "missing": missing,
        "known": known,
        "heading": join([str(one.name) for one in known], lang)
        if len(known) > 1
        else _("Scenarios side by side"),
    }
    if len(known) < 2:
        return page(request, "scenarios/compare.html", context, waits=False)
    found = readings_now(known)
    states = [state_of(one.run_id, found) for one in known]
    context["troubles"] = [
        (one, state[1]) for one, state in zip(known, states, strict=True) if state[0] == "failed"
    ]
    waits = any(state[0] == "waiting" for state in states)
    context["ahead"] = max(state[2] for state in states)
    if all(one.run_id in found for one in known):
        readings = [found[one.run_id] for one in known]
        years = comparing.years_of(readings)
        year = pages.chosen_year(request.GET.get("year", ""), years)
        shown = pages.side_by_side(known, readings, year, lang)
        waits = shown.waits
        context |= {"shown": shown, "year": year, "years": years, "query": query_of(known, year)}
    return page(request, "scenarios/compare.html", context, waits=waits)


def query_of(known: list[Known], year: int | None = None) -> str:
    """Return the query of a comparison."""
    parts = [f"{letter}={one.key}" for letter, one in zip(_LETTERS, known, strict=False)]
    return "&".join([*parts, *([f"year={year}"] if year else [])])


@require_safe
def compare_file(request: HttpRequest, form: str) -> Any:
    """The differences as a table."""
    known, _missing = asked(request)
    if not known:
        known = list(filter(None, known_by_keys(Actor.of(request), shipped()[:2]).values()))
    found = readings_now(known)
    if _missing or any(one.run_id not in found for one in known):
        raise Http404
    table = differences_table(known, [found[one.run_id] for one in known], current_language())
    return answer(request, table, form)
