"""Addresses of the overview."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from framsyn.web.overview import views

urlpatterns: list[URLPattern] = [
    path("", views.follow_up, name="follow-up"),
    re_path(
        r"^follow-up\.(?P<form>csv|xlsx|json|csv-metadata\.json)$",
        views.follow_up_file,
        name="follow-up-file",
    ),
]
