"""Addresses of this part of the site."""

from __future__ import annotations

from django.urls import URLPattern, path

from framsyn.web.indicators import views

urlpatterns: list[URLPattern] = [
    path("", views.indicators, name="indicators"),
    path("indicators.csv", views.indicators_csv, name="indicators_csv"),
    path("new/", views.new, name="indicator_new"),
    path("<slug:indicator_id>.csv", views.indicator_csv, name="indicator_csv"),
    path("<slug:indicator_id>.json", views.indicator_json, name="indicator_json"),
    path("<slug:indicator_id>/", views.indicator, name="indicator"),
    path("<slug:indicator_id>/change/", views.change, name="indicator_change"),
    path("<slug:indicator_id>/observe/", views.observe, name="indicator_observe"),
    path("<slug:indicator_id>/break/", views.mark_break, name="indicator_break"),
]
