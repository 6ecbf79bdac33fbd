"""Addresses of follow-up."""

from __future__ import annotations

from django.urls import path

from framsyn.web.followup import giving, quick, views

urlpatterns = [
    path("my-work/", views.my_work, name="my-work"),
    path("my-work/read/", views.read_news, name="my-work-read"),
    path("my-work/report/<slug:kind>/<slug:pk>/", quick.from_work, name="my-work-report"),
    path("account/letters/", views.letter_choice, name="letters"),
    path("follow-up/owners/", views.owners, name="owners"),
    path("follow-up/owners/<int:number>/remind/", views.remind, name="owner-remind"),
    path("follow-up/letters/", views.letters_out, name="letters-out"),
    path("follow-up/letters/<int:number>/settle/", views.settle, name="letter-settle"),
    path("follow-up/<slug:kind>/<str:pk>/people/", giving.assign, name="followup-assign"),
    path("follow-up/<slug:kind>/<str:pk>/hand-over/", giving.hand_over, name="hand-over"),
    path("report/<str:token>/", quick.by_link, name="quick-report"),
    path("report/<str:token>/thanks/", quick.thanks, name="quick-report-thanks"),
    path("report/<str:token>/new/", quick.new_link, name="quick-report-new"),
]
