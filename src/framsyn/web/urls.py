"""Addresses. They are permanent, and the same in every language."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("framsyn.web.pages.urls")),
    path("", include("framsyn.web.api.urls")),
    path("", include("framsyn.web.feeds.urls")),
    path("", include("framsyn.web.accounts.urls")),
    path("plan/import/", include("framsyn.web.plan_import.urls")),
    path("plan/", include("framsyn.web.plan.urls")),
    path("themes/", include("framsyn.web.plan.theme_urls")),
    path("goals/", include("framsyn.web.goals.urls")),
    path("indicators/", include("framsyn.web.indicators.urls")),
    path("measures/", include("framsyn.web.measures.urls")),
    path("", include("framsyn.web.followup.urls")),
    path("", include("framsyn.web.stories.urls")),
    path("outlook/take/", include("framsyn.web.takeaway.urls")),
    path("outlook/", include("framsyn.web.outlooks.urls")),
    path("places/", include("framsyn.web.places.urls")),
    path("reach/", include("framsyn.web.attainment.urls")),
    path("scenarios/", include("framsyn.web.scenarios.urls")),
    path("assumptions/", include("framsyn.web.assumptions.urls")),
    path("search/", include("framsyn.web.search.urls")),
    path("audit/", include("framsyn.web.audit.urls")),
    path("", include("framsyn.web.voice.urls")),
    path("follow-up/", include("framsyn.web.overview.urls")),
    path("follow-up/", include("framsyn.web.thread.urls")),
    path("follow-up/wheel/", include("framsyn.web.wheel.urls")),
    path("exchange/", include("framsyn.web.exchange.urls")),
    path("drafts/", include("framsyn.web.drafts.urls")),
    path("notes/", include("framsyn.web.notes.urls")),
]

handler403 = "framsyn.web.pages.errors.not_allowed"
handler404 = "framsyn.web.pages.errors.not_found"
handler500 = "framsyn.web.pages.errors.server_error"
