"""Addresses of measures."""

from __future__ import annotations

from django.urls import path, re_path

from framsyn.web.measures import editing, views

urlpatterns = [
    path("", views.measures, name="measures"),
    path("measures.csv", views.measures_file, {"form": "csv"}, name="measures-file"),
    re_path(r"^measures\.(?P<form>xlsx|json|csv-metadata\.json)$", views.measures_file, name="measures-form"),
    path("new/", editing.new, name="measure-new"),
    path("<slug:measure_id>/", views.measure, name="measure"),
    path("<slug:measure_id>/edit/", editing.edit, name="measure-edit"),
    path("<slug:measure_id>/report/", editing.report, name="measure-report"),
    path("<slug:measure_id>/people/", editing.assign, name="measure-assign"),
    path("<slug:measure_id>/task/", editing.task, name="measure-task-new"),
    path("<slug:measure_id>/task/<int:number>/", editing.task, name="measure-task"),
    path("<slug:measure_id>/benefit/", editing.benefit, name="measure-benefit-new"),
    path("<slug:measure_id>/benefit/<int:number>/", editing.benefit, name="measure-benefit"),
    path("<slug:measure_id>/risk/", editing.risk, name="measure-risk-new"),
    path("<slug:measure_id>/risk/<int:number>/", editing.risk, name="measure-risk"),
]
