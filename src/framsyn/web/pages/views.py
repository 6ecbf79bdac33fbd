"""Views of the home page, of the data, of the health of the site and of what it says about itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.db import connection
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from framsyn.web.audit.queries import recent_changes
from framsyn.web.goals.queries import status_counts
from framsyn.web.languages import current_language
from framsyn.web.outlooks.queries import main_run
from framsyn.web.pages import catalogue
from framsyn.web.pages.home import front

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["about", "data", "data_file", "home", "live", "ready"]

CHANGES = 6
TYPES = {"csv": "text/csv; charset=utf-8", "geojson": "application/geo+json"}


def home(request: HttpRequest) -> HttpResponse:
    """Where the region stands."""
    context = {
        "front": front(current_language()),
        "counts": status_counts(),
        "changes": recent_changes(CHANGES),
    }
    return render(request, "pages/home.html", context)


def data(request: HttpRequest) -> HttpResponse:
    """Every data set with source, licence and file."""
    context = {
        "crumbs": [(_("Data"), "")],
        "entries": catalogue.data_sets(),
        "run": main_run(),
    }
    return render(request, "pages/data.html", context)


def data_file(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """Return the file of a data set, or its description as JSON."""
    entry = catalogue.data_set(name)
    if entry is None:
        raise Http404
    if kind == "json":
        descriptor = {
            "name": entry.name,
            "title": entry.title,
            "description": entry.description,
            "sources": [
                {"title": source.title, "path": source.address, "license": source.licence}
                for source in entry.sources
            ],
            "licenses": [{"title": title, "path": path} for title, path in entry.licences],
            "dataThrough": entry.data_through,
            "notes": entry.notes,
            "fields": entry.fields,
        }
        return HttpResponse(
            json.dumps(descriptor, ensure_ascii=False, indent=1), content_type="application/json"
        )
    if entry.path.suffix != f".{kind}":
        raise Http404
    return FileResponse(entry.path.open("rb"), content_type=TYPES[kind], filename=entry.path.name)


def about(request: HttpRequest, page: str) -> HttpResponse:
    """What the site says about itself: accessibility, privacy, licences, words."""
    titles = {
        "accessibility": _("Accessibility"),
        "privacy": _("Privacy"),
        "licence": _("Licences and sources"),
        "glossary": _("Words"),
    }
    context = {"crumbs": [(titles[page], "")], "title": titles[page]}
    if page == "licence":
        context["entries"] = catalogue.data_sets()
    return render(request, f"pages/{page}.html", context)


def live(request: HttpRequest) -> HttpResponse:
    """Tell that the process answers."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> HttpResponse:
    """Tell whether the database answers and has all its migrations."""
    from django.db.migrations.executor import MigrationExecutor
    from django.db.utils import Error

    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error as error:
        return JsonResponse({"status": "failed", "database": str(error).strip()}, status=503)
    if waiting:
        names = [f"{migration.app_label}.{migration.name}" for migration, _back in waiting]
        return JsonResponse({"status": "failed", "migrations": names}, status=503)
    return JsonResponse({"status": "ok", "database": connection.vendor})
