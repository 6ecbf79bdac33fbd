"""Addresses of the outlook."""

from __future__ import annotations

from django.urls import path, re_path

from framsyn.web.explorer import views as explorer
from framsyn.web.explorer.strongest import strongest
from framsyn.web.outlooks import views

urlpatterns = [
    path("", explorer.explorer, name="outlook"),
    path("answer/", explorer.answer, name="explorer_answer"),
    path("opening/", explorer.opening, name="explorer_opening"),
    path("strongest/", strongest, name="strongest"),
    path("<slug:run_id>.csv", views.series_file, {"form": "csv"}, name="series_file"),
    re_path(
        r"^(?P<run_id>[-a-zA-Z0-9_]+)\.(?P<form>xlsx|json|stat\.json|csv-metadata\.json)$",
        views.series_file,
        name="series_form",
    ),
]
