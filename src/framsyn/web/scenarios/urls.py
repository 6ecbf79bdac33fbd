"""Addresses of scenarios."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from framsyn.web.scenarios import changes, views

_FORMS = r"\.(?P<form>csv|xlsx|json|stat\.json|csv-metadata\.json)$"

urlpatterns: list[URLPattern] = [
    path("", views.scenarios, name="scenarios"),
    path("new/", changes.new, name="scenario_new"),
    path("import/", changes.bring, name="scenario_import"),
    path("compare/", views.compare, name="scenario_compare"),
    re_path(rf"^compare/differences{_FORMS}", views.compare_file, name="scenario_compare_file"),
    path("<slug:slug>/", views.scenario, name="scenario"),
    re_path(rf"^(?P<slug>[-a-zA-Z0-9_]+)/figures{_FORMS}", views.figures_file, name="scenario_figures"),
    path("<slug:slug>/scenario.toml", views.toml, name="scenario_toml"),
    path("<slug:slug>/edit/", changes.edit, name="scenario_edit"),
    path("<slug:slug>/fork/", changes.fork, name="scenario_fork"),
    path("<slug:slug>/lock/", changes.lock, name="scenario_lock"),
    path("<slug:slug>/share/", changes.share, name="scenario_share"),
    path("<slug:slug>/publish/", changes.publish, name="scenario_publish"),
    path("<slug:slug>/withdraw/", changes.withdraw, name="scenario_withdraw"),
    path("<slug:slug>/remove/", changes.remove, name="scenario_remove"),
    path("<slug:slug>/restore/", changes.restore, name="scenario_restore"),
]
