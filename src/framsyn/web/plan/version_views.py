"""Versions of a plan: the list, the comparison, opening, publishing and discarding a draft; a new plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from framsyn.errors import PlanError
from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.plan import versions as work
from framsyn.web.plan.compare import compare_versions
from framsyn.web.plan.draft_views import back, draft_or_404
from framsyn.web.plan.edit_views import try_action
from framsyn.web.plan.edits import last_edit
from framsyn.web.plan.forms import PlanForm, PublishForm
from framsyn.web.plan.models import Version
from framsyn.web.plan.queries import in_force
from framsyn.web.plan.views import crumbs_of, may_edit, read_plan

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["compare", "discard_draft", "new_plan", "open_draft", "publish_draft", "versions"]


@require_safe
def versions(request: HttpRequest, plan_id: str) -> HttpResponse:
    """All versions of a plan, newest first."""
    plan = read_plan(plan_id)
    editor = may_edit(request, plan)
    found = [
        version
        for version in Version.objects.filter(plan=plan)
        .select_related("decision", "based_on", "created_by")
        .order_by("-number")
        if editor or version.is_frozen
    ]
    return render(
        request,
        "plan/versions.html",
        {
            "crumbs": crumbs_of(plan, (_("Versions"), "")),
            "plan": plan,
            "versions": found,
            "in_force": in_force(found),
            "may_open": editor and all(version.is_frozen for version in found),
            "may_edit": editor,
        },
    )


@require_safe
def compare(request: HttpRequest, plan_id: str, number: int, other: int) -> HttpResponse:
    """What differs from one version (``number``) to another (``other``)."""
    plan = read_plan(plan_id)
    editor = may_edit(request, plan)
    found = [
        version
        for version in Version.objects.filter(plan=plan).order_by("number")
        if editor or version.is_frozen
    ]
    by_number = {version.number: version for version in found}
    if number not in by_number or other not in by_number:
        raise Http404
    before, after = by_number[number], by_number[other]
    return render(
        request,
        "plan/compare.html",
        {
            "crumbs": crumbs_of(
                plan, (_("Versions"), reverse("plan-versions", args=[plan_id])), (_("Comparison"), "")
            ),
            "plan": plan,
            "before": before,
            "after": after,
            "versions": found,
            "comparison": compare_versions(before, after),
        },
    )


@login_required
@require_POST
def open_draft(request: HttpRequest, plan_id: str) -> HttpResponse:
    """Open a new version, from the latest or from an earlier one."""
    plan = read_plan(plan_id)
    number = request.POST.get("based_on", "")
    based_on = get_object_or_404(Version, plan=plan, number=int(number)) if number.isdigit() else None
    try:
        work.open_version(Actor.of(request), plan, based_on=based_on)
    except NotAllowed as error:
        raise PermissionDenied(error.message) from error
    except PlanError as error:
        messages.error(request, error.message)
        return redirect("plan-versions", plan_id)
    messages.success(request, _("A new version is open. Nobody but editors sees it until it is published."))
    return redirect("plan-edit", plan_id)


@login_required
def publish_draft(request: HttpRequest, plan_id: str) -> HttpResponse:
    """Publish a draft or send it out for consultation: the decision, and what changes."""
    draft = draft_or_404(request, plan_id)
    if not Actor.of(request).may("plan.publish", draft.plan.organisation):
        message = _("Publishing needs the role of administrator. Ask one to do it; the draft waits.")
        raise PermissionDenied(message)
    first = {"seen": last_edit(draft), "date": timezone.localdate(), "label": draft.label}
    form = PublishForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done = try_action(
            form,
            lambda: work.publish(
                Actor.of(request),
                draft,
                given["seen"],
                date=given["date"],
                state=given["state"],
                decision=form.decision(),
                label=given["label"],
            ),
        )
        if done:
            messages.success(
                request, _("Version %(number)s is out and never changes.") % {"number": done.number}
            )
            return redirect("plan-version", plan_id, done.number)
    before = Version.objects.filter(plan=draft.plan, state__in=Version.FROZEN).order_by("number").last()
    return render(
        request,
        "plan/publish.html",
        {
            "crumbs": crumbs_of(
                draft.plan, (_("Draft"), reverse("plan-edit", args=[plan_id])), (_("Publish"), "")
            ),
            "draft": draft,
            "form": form,
            "before": before,
            "comparison": compare_versions(before, draft) if before else None,
        },
        status=422 if form.errors else 200,
    )


@login_required
@require_POST
def discard_draft(request: HttpRequest, plan_id: str) -> HttpResponse:
    """Throw a draft away."""
    draft = draft_or_404(request, plan_id)
    seen = request.POST.get("seen", "")
    try:
        work.discard_version(Actor.of(request), draft, int(seen) if seen.isdigit() else -1)
    except NotAllowed as error:
        raise PermissionDenied(error.message) from error
    except PlanError as error:
        messages.error(request, error.message)
        return back(draft)
    messages.success(request, _("The draft is thrown away. Published versions are as they were."))
    return redirect("plan-versions", plan_id)


@login_required
def new_plan(request: HttpRequest) -> HttpResponse:
    """Make a plan."""
    form = PlanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        draft = try_action(
            form,
            lambda: work.create_plan(
                Actor.of(request),
                given["plan_id"],
                kind=given["kind"],
                organisation=given["organisation"],
                title=given["title"],
                summary=given["summary"],
                period=(given["first_year"], given["last_year"]),
                parent=given["parent"],
            ),
        )
        if draft:
            messages.success(request, _("The plan is made. Add its first chapter."))
            return redirect("plan-edit", draft.plan_id)
    elif not Actor.of(request).may("plan.create"):
        message = _("Making a plan needs the role of administrator. Ask one to do it.")
        raise PermissionDenied(message)
    return render(
        request,
        "plan/plan_form.html",
        {
            "crumbs": [(_("Plans"), reverse("plans")), (_("New plan"), "")],
            "form": form,
            "page_title": _("New plan"),
            "lead": _("It begins as an empty draft that only editors see."),
            "submit": _("Make the plan"),
            "cancel": reverse("plans"),
        },
        status=422 if form.errors else 200,
    )
