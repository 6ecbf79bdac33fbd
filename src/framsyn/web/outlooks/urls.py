"""Addresses of the outlook."""

from __future__ import annotations

from django.urls import path, re_path

from framsyn.web.outlooks import views

urlpatterns = [
    path("", views.outlook, name="outlook"),
    path("<slug:run_id>.csv", views.series_file, {"form": "csv"}, name="series_file"),
    re_path(
        r"^(?P<run_id>[-a-zA-Z0-9_]+)\.(?P<form>xlsx|json|stat\.json|csv-metadata\.json)$",
        views.series_file,
        name="series_form",
    ),
]
