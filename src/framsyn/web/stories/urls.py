"""Addresses of the stories, and of what other sites may show in a frame."""

from __future__ import annotations

from django.urls import path, re_path

from framsyn.web.stories import views

urlpatterns = [
    path("stories/", views.stories, name="stories"),
    path("stories/<slug:slug>/", views.story, name="story"),
    path("stories/<slug:slug>/present/", views.present, name="story-present"),
    path("stories/<slug:slug>/embed/", views.embed_story, name="story-embed"),
    path("stories/<slug:slug>/embed/<slug:step>/", views.embed_step, name="story-embed-step"),
    re_path(
        r"^outlook/embed/(?P<quantity>[a-z0-9_]+(?::change|:share)?)/$",
        views.embed_chart,
        name="outlook-embed",
    ),
]
