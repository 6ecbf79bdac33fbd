"""Address of form drafts."""

from __future__ import annotations

from django.urls import path

from framsyn.web.drafts.views import drafts

urlpatterns = [path("", drafts, name="drafts")]
