"""Addresses of the page of changes and of the feeds; a thing's feed stands below the thing's own page."""

from __future__ import annotations

from django.urls import path, re_path

from framsyn.web.feeds.feeds import feed
from framsyn.web.feeds.views import changes

_END = r"/changes\.(?P<form>atom|rss)$"

urlpatterns = [
    path("changes/", changes, name="changes"),
    re_path(r"^feeds/changes\.(?P<form>atom|rss)$", feed, name="feed"),
    *(
        re_path(rf"^{place}/(?P<object_id>[^/]+){_END}", feed, {"kind": kind}, name=f"feed-{kind}")
        for kind, place in (
            ("plan", "plan"),
            ("goal", "goals"),
            ("indicator", "indicators"),
            ("measure", "measures"),
        )
    ),
]
