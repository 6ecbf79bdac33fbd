"""Addresses of the plan."""

from __future__ import annotations

from django.urls import URLPattern, path

from framsyn.web.plan import draft_views, edit_views, version_views, views

urlpatterns: list[URLPattern] = [
    path("", views.plans, name="plans"),
    path("new/", version_views.new_plan, name="plan-new"),
    path("element/<str:element_id>/", views.element, name="element"),
    path("element/<str:element_id>/link/", draft_views.link_element, name="element-link"),
    path("element/<str:element_id>/unlink/<int:link_id>/", draft_views.unlink_element, name="element-unlink"),
    path("<slug:plan_id>/", views.plan, name="plan"),
    path("<slug:plan_id>/versions/", version_views.versions, name="plan-versions"),
    path("<slug:plan_id>/versions/open/", version_views.open_draft, name="plan-open"),
    path("<slug:plan_id>/v<int:number>/", views.plan_version, name="plan-version"),
    path("<slug:plan_id>/v<int:number>/print/", views.plan_print, name="plan-print"),
    path("<slug:plan_id>/v<int:number>/compare/<int:other>/", version_views.compare, name="plan-compare"),
    path("<slug:plan_id>/edit/", draft_views.edit, name="plan-edit"),
    path("<slug:plan_id>/edit/add/", edit_views.add, name="plan-add"),
    path("<slug:plan_id>/edit/undo/", draft_views.undo_edit, name="plan-undo"),
    path("<slug:plan_id>/edit/redo/", draft_views.redo_edit, name="plan-redo"),
    path("<slug:plan_id>/edit/restore/", draft_views.restore_edit, name="plan-restore"),
    path("<slug:plan_id>/edit/publish/", version_views.publish_draft, name="plan-publish"),
    path("<slug:plan_id>/edit/discard/", version_views.discard_draft, name="plan-discard"),
    path("<slug:plan_id>/edit/<str:element_id>/text/", edit_views.edit_text, name="plan-text"),
    path("<slug:plan_id>/edit/<str:element_id>/split/", edit_views.split_element, name="plan-split"),
    path("<slug:plan_id>/edit/<str:element_id>/merge/", edit_views.merge_element, name="plan-merge"),
    path("<slug:plan_id>/edit/<str:element_id>/move/", edit_views.move_element, name="plan-move"),
    path("<slug:plan_id>/edit/<str:element_id>/remove/", draft_views.remove_element, name="plan-remove"),
]
