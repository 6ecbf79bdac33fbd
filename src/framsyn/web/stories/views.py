"""Stories of the main run: to read, to show on a screen, and to put into other sites."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _

from framsyn.quantities import quantities
from framsyn.region.arrays import SERVICE_AREAS
from framsyn.web.explorer.state import State
from framsyn.web.languages import current_language
from framsyn.web.outlooks.charts import words_of
from framsyn.web.outlooks.models import Run
from framsyn.web.outlooks.names import CHANGE, REGION
from framsyn.web.outlooks.page import known_place
from framsyn.web.outlooks.queries import Lines, main_run, region_of
from framsyn.web.stories.drawings import single, with_part
from framsyn.web.stories.telling import stories_of_run, told

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

    from framsyn.web.stories.telling import ToldStory

__all__ = ["embed_chart", "embed_step", "embed_story", "present", "stories", "story"]

EMBED_HEIGHT = 620  # px: title, chart and source line in a column of a newspaper
CHARTS = (("need:change", "SOM"), ("beds", ""), ("staff_gap", ""), ("result", ""), ("emissions", ""))


def stories(request: HttpRequest) -> HttpResponse:
    """Show which stories there are."""
    run = main_run()
    language = current_language()
    context = {
        "crumbs": [(_("Stories"), "")],
        "run": run,
        "stories": stories_of_run(run) if run else (),
        "language": language,
        "charts": [
            (
                chart_name(run, quantity, part, language),
                f"{reverse('outlook-embed', args=[quantity])}?lang={language}{f'&service={part}' if part else ''}",
            )
            for quantity, part in (CHARTS if run else ())
        ],
        "code": frame_code(request, reverse("outlook-embed", args=["beds"]), _("Beds")) if run else "",
    }
    return render(request, "stories/stories.html", context)


def chart_name(run: Run, quantity: str, part: str, lang: str) -> str:
    """Return the name of a chart as a list shows it."""
    name = with_part(run, quantity, part, lang)
    change = words_of(quantity, lang, region_of(run.region).base_year)[1]
    return f"{name} ({change})" if quantity.endswith(CHANGE) else name


def story_or_404(slug: str) -> tuple[Run, ToldStory]:
    """Return the main run, and a story told of it."""
    run = main_run()
    found = told(run.pk, slug, current_language()) if run else None
    if run is None or found is None or not found.steps:
        raise Http404
    return run, found


def story(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a story from top to bottom; ``?present=1`` shows it step by step."""
    if request.GET.get("present") == "1":
        return present(request, slug)
    run, found = story_or_404(slug)
    listed = [one for one in stories_of_run(run) if one.slug != slug]
    language = current_language()
    context = {
        "crumbs": [(_("Stories"), reverse("stories")), (found.title, "")],
        "story": found,
        "run": run,
        "others": [(one.slug, one.title[language], one.lead[language]) for one in listed],
        "code": frame_code(request, reverse("story-embed", args=[slug]), found.title),
        "step_code": frame_code(
            request, reverse("story-embed-step", args=[slug, found.steps[0].name]), found.steps[0].heading
        ),
    }
    return render(request, "stories/story.html", context)


def present(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a story one step a screen."""
    run, found = story_or_404(slug)
    crumbs = [
        (_("Stories"), reverse("stories")),
        (found.title, reverse("story", args=[slug])),
        (_("Step by step"), ""),
    ]
    return render(request, "stories/present.html", {"crumbs": crumbs, "story": found, "run": run})


def embed_story(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a story in a frame of another site."""
    run, found = story_or_404(slug)
    crumbs = [(_("Stories"), reverse("stories")), (found.title, reverse("story", args=[slug]))]
    return render(request, "stories/embed.html", {"crumbs": crumbs, "story": found, "run": run})


def embed_step(request: HttpRequest, slug: str, step: str) -> HttpResponse:
    """Show one step of a story in a frame of another site."""
    run, found = story_or_404(slug)
    one = next((own for own in found.steps if own.name == step), None)
    if one is None:
        raise Http404
    address = f"{reverse('story', args=[slug])}#step-{one.number}"
    context = {
        "crumbs": [(found.title, reverse("story", args=[slug])), (one.heading, address)],
        "story": found,
        "step": one,
        "run": run,
    }
    return render(request, "stories/embed_step.html", context)


def embed_chart(request: HttpRequest, quantity: str) -> HttpResponse:
    """Show one chart of the outlook in a frame of another site: ``?place=`` and ``?service=`` choose the line."""
    run = main_run()
    place, service = request.GET.get("place", REGION), request.GET.get("service", "")
    if (
        run is None
        or quantity.partition(":")[0] not in quantities()
        or not known_place(run, place)
        or service not in ("", *SERVICE_AREAS)
    ):
        raise Http404
    drawn = chart(run.pk, quantity, place, service, current_language())
    if drawn is None:
        raise Http404
    title, figure = drawn
    where = State(scenario=run.scenario, place=place, service=service).query()
    address = f"{reverse('outlook')}?{where}" if where else reverse("outlook")
    crumbs = [(_("Outlook"), address), (chart_name(run, quantity, service, current_language()), "")]
    context = {"crumbs": crumbs, "title": title, "figure": figure, "run": run}
    return render(request, "stories/embed_chart.html", context)


@functools.lru_cache(maxsize=64)
def chart(run_id: str, quantity: str, place: str, service: str, lang: str) -> tuple[str, SafeString] | None:
    """Return title and markup of one chart, or nothing where the run does not keep it; each is drawn once per process."""
    run = Run.objects.get(pk=run_id)
    line = Lines(run, [quantity], [place]).get(quantity, place, service)
    if line is None:
        return None
    drawn = single(
        run,
        line,
        lang,
        "chart",
        history=quantity == "population",
        floor=quantity == "liquidity",
    )
    files = f"{reverse('series_file', args=[run_id])}?place={place}"
    context = {"chart": drawn, "csv": files, "page_address": reverse("outlook"), "heading": 1, "size": "half"}
    return drawn.title, render_to_string("stories/figure.html", context)


def frame_code(request: HttpRequest, path: str, title: str) -> str:
    """Return the markup that puts an address into a page of another site, in the language of this page."""
    address = request.build_absolute_uri(f"{path}?lang={current_language()}")
    return (
        f'<iframe src="{escape(address)}" title="{escape(title)}" width="100%" height="{EMBED_HEIGHT}" loading="lazy" '
        'style="border: 0"></iframe>'
    )
