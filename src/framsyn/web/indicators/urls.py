"""Addresses of this part of the site."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from framsyn.web.indicators import fhir_views, views

urlpatterns: list[URLPattern] = [
    path("", views.indicators, name="indicators"),
    path("indicators.csv", views.indicators_file, {"form": "csv"}, name="indicators_csv"),
    re_path(
        r"^indicators\.(?P<form>xlsx|json|csv-metadata\.json)$", views.indicators_file, name="indicators_file"
    ),
    path("new/", views.new, name="indicator_new"),
    path("<slug:indicator_id>.csv", views.indicator_file, {"form": "csv"}, name="indicator_csv"),
    re_path(
        r"^(?!indicators\.)(?P<indicator_id>[-a-zA-Z0-9_]+)\.(?P<form>xlsx|stat\.json|csv-metadata\.json)$",
        views.indicator_file,
        name="indicator_file",
    ),
    path("<slug:indicator_id>.json", views.indicator_json, name="indicator_json"),
    path("<slug:indicator_id>/fhir/measure", fhir_views.measure, name="indicator_fhir_measure"),
    path("<slug:indicator_id>/fhir/measure-report", fhir_views.measure_report, name="indicator_fhir_report"),
    path(
        "<slug:indicator_id>/fhir/measure-report/<str:start>/<str:end>",
        fhir_views.measure_report,
        name="indicator_fhir_report_of",
    ),
    path("<slug:indicator_id>/fhir/bundle", fhir_views.bundle, name="indicator_fhir_bundle"),
    path("<slug:indicator_id>/", views.indicator, name="indicator"),
    path("<slug:indicator_id>/change/", views.change, name="indicator_change"),
    path("<slug:indicator_id>/observe/", views.observe, name="indicator_observe"),
    path("<slug:indicator_id>/break/", views.mark_break, name="indicator_break"),
]
