"""Addresses of the outlook."""

from __future__ import annotations

from django.urls import path

from framsyn.web.outlooks import views

urlpatterns = [
    path("", views.outlook, name="outlook"),
    path("<slug:run_id>.csv", views.series_file, name="series_file"),
]
