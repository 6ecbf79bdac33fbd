"""Address of the search page."""

from __future__ import annotations

from django.urls import path

from framsyn.web.search.views import search

urlpatterns = [path("", search, name="search")]
