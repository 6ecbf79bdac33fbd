"""Addresses of what can be taken away from a view; the view is in the query, as on the page of the explorer."""

from __future__ import annotations

from django.urls import path, re_path

from framsyn.web.takeaway import views

urlpatterns = [
    path("", views.take, name="take"),
    re_path(r"^report\.(?P<form>pdf|docx)$", views.report, name="take_report"),
    path("reproduce.py", views.snippet, name="take_snippet"),
    path("citation.txt", views.citation, name="take_citation"),
    re_path(
        r"^view\.(?P<form>csv|xlsx|json|stat\.json|csv-metadata\.json)$",
        views.view_table_file,
        name="take_view",
    ),
    re_path(
        r"^(?P<name>explorer-[a-z-]{1,40})\.(?P<form>svg|png|csv|xlsx|json|csv-metadata\.json)$",
        views.chart_file,
        name="take_chart",
    ),
]
