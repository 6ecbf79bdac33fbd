"""Files of a view, and the page that lists them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from framsyn.errors import PlanError
from framsyn.report.figure import WIDE
from framsyn.web.exchange.tables import answer
from framsyn.web.explorer.room import NotOpen
from framsyn.web.takeaway.asked import Refused, answered, state_of, view_of
from framsyn.web.takeaway.charts import picture_of
from framsyn.web.takeaway.citation import citation_text
from framsyn.web.takeaway.content import content_of
from framsyn.web.takeaway.listing import listing
from framsyn.web.takeaway.pdf_file import pdf_can_be_made, pdf_file, refuse_without_writer
from framsyn.web.takeaway.snippet import snippet_text
from framsyn.web.takeaway.tables import chart_table, view_table
from framsyn.web.takeaway.word_file import word_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from framsyn.web.explorer.results.view import View

__all__ = ["chart_file", "citation", "report", "snippet", "take", "view_table_file"]

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def page_of(request: HttpRequest, view: View) -> str:
    """Return the whole address of the view in the explorer."""
    query = view.query
    return request.build_absolute_uri(reverse("outlook") + (f"?{query}" if query else ""))


def refusing(make: Callable[..., Any]) -> Callable[..., Any]:
    """Answer with a page in words where the view cannot be made: nothing is given out in place of what was asked for."""

    @require_safe
    @functools.wraps(make)
    def made(request: HttpRequest, *args: Any, **named: Any) -> Any:
        try:
            return private(make(request, *args, **named))
        except Refused as refused:
            return told(request, refused.messages, 400)
        except PlanError as error:
            return told(request, [str(error)], 501 if error.code.startswith("no-") else 400)
        except NotOpen:
            response = told(request, [_("The region is still being opened. Ask again in a moment.")], 503)
            response["Retry-After"] = "5"
            return response

    return made


def told(request: HttpRequest, messages: list[str], status: int) -> HttpResponse:
    """Return the page that says why there is no file, and the way on."""
    context = {
        "messages_told": messages,
        "crumbs": [(_("Outlook"), reverse("outlook")), (_("Take the view with you"), "")],
    }
    return render(request, "takeaway/refused.html", context, status=status)


@require_safe
def take(request: HttpRequest) -> HttpResponse:
    """List what can be taken away from the view; what cannot be used in the query is told, and the rest is shown."""
    state, faults = state_of(request)
    context: dict[str, Any] = {"faults": faults}
    query = state.query()
    back = reverse("outlook") + (f"?{query}" if query else "")
    context["crumbs"] = [(_("Outlook"), back), (_("Take the view with you"), "")]
    try:
        view = answered(state)
    except PlanError as error:
        return told(request, [str(error)], 400)
    except NotOpen:
        response = told(request, [_("The region is still being opened. Ask again in a moment.")], 503)
        response["Retry-After"] = "5"
        return response
    page = page_of(request, view)
    context |= {
        "view": view,
        "back": back,
        "groups": listing(view),
        "citation": citation_text(view, page),
        "address": page,
        "pdf": pdf_can_be_made(),
    }
    return private(render(request, "takeaway/take.html", context))


@refusing
def chart_file(request: HttpRequest, name: str, form: str) -> Any:
    """Return one chart as a picture or its numbers as a table."""
    view = view_of(request)
    picture = picture_of(view, name)
    if picture is None:
        raise Http404
    if form not in ("svg", "png"):
        address = request.build_absolute_uri(request.path).removesuffix(f".{form}")
        return answer(request, chart_table(view, picture.chart, address, page_of(request, view)), form)
    if form == "svg":
        response = HttpResponse(picture.chart.svg(WIDE), content_type="image/svg+xml")
    else:
        response = HttpResponse(picture.chart.png(), content_type="image/png")
    return named(response, f"framsyn-{name.removeprefix('explorer-')}-{view.answer.id}.{form}")


@refusing
def view_table_file(request: HttpRequest, form: str) -> Any:
    """Return every series of the view as one table."""
    view = view_of(request)
    address = request.build_absolute_uri(request.path).removesuffix(f".{form}")
    return answer(request, view_table(view, address, page_of(request, view)), form)


@refusing
def report(request: HttpRequest, form: str) -> HttpResponse:
    """Return a report of the view."""
    if form == "pdf":
        refuse_without_writer()
    view = view_of(request)
    content = content_of(view, page_of(request, view))
    if form == "pdf":
        response = HttpResponse(pdf_file(content), content_type="application/pdf")
    else:
        response = HttpResponse(word_file(content), content_type=_DOCX)
    return named(response, f"framsyn-{view.place.code}-{view.answer.id}.{form}")


@refusing
def snippet(request: HttpRequest) -> HttpResponse:
    """Return a program that makes the first figure of the view again."""
    view = view_of(request)
    response = HttpResponse(snippet_text(view), content_type="text/x-python; charset=utf-8")
    return named(response, f"framsyn_{view.answer.id}.py")


@refusing
def citation(request: HttpRequest) -> HttpResponse:
    """Return how the view is cited."""
    view = view_of(request)
    text = citation_text(view, page_of(request, view))
    return HttpResponse(f"{text}\n", content_type="text/plain; charset=utf-8")


def private(response: Any) -> Any:
    """Let nothing between here and the reader keep an answer: a saved scenario is not for everybody."""
    response["Cache-Control"] = "private, no-cache"
    return response


def named(response: HttpResponse, name: str) -> HttpResponse:
    """Give a file its name."""
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
