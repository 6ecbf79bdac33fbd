"""Versions of a plan: the list, the comparison, opening, publishing and discarding a draft; a new plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from framsyn.web.access import actor_for, actor_somewhere
from framsyn.web.plan import versions as work
from framsyn.web.plan.compare import compare_versions
from framsyn.web.plan.draft_views import back, draft_for
from framsyn.web.plan.edits import last_edit
from framsyn.web.plan.forms import PlanForm, PublishForm
from framsyn.web.plan.models import Version
from framsyn.web.plan.queries import in_force
from framsyn.web.plan.views import crumbs_of, read_plan, roles_on
from framsyn.web.policies import may
from framsyn.web.saving import is_number, stepped, tried

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["compare", "discard_draft", "new_plan", "open_draft", "publish_draft", "versions"]


@require_safe
def versions(request: HttpRequest, plan_id: str) -> HttpResponse:
    """All versions of a plan, newest first."""
    plan = read_plan(plan_id)
    roles = roles_on(request, plan)
    insider = may(roles, "see.draft")
    found = [
        version
        for version in Version.objects.filter(plan=plan)
        .select_related("decision", "based_on", "created_by")
        .order_by("-number")
        if insider or version.is_frozen
    ]
    if not found and not insider:
        raise Http404
    return render(
        request,
        "plan/versions.html",
        {
            "crumbs": crumbs_of(plan, (_("Versions"), "")),
            "plan": plan,
            "versions": found,
            "in_force": in_force(found),
            "may_open": may(roles, "plan.open_version") and all(version.is_frozen for version in found),
            "may_edit": may(roles, "plan.change_text"),
        },
    )


@require_safe
def compare(request: HttpRequest, plan_id: str, number: int, other: int) -> HttpResponse:
    """What differs from one version (``number``) to another (``other``)."""
    plan = read_plan(plan_id)
    insider = may(roles_on(request, plan), "see.draft")
    found = [
        version
        for version in Version.objects.filter(plan=plan).order_by("number")
        if insider or version.is_frozen
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


@require_POST
def open_draft(request: HttpRequest, plan_id: str) -> HttpResponse:
    """Open a new version, from the latest or from an earlier one."""
    plan = read_plan(plan_id)
    actor = actor_for(request, "plan.open_version", plan.organisation, plans=(plan.pk,))
    number = request.POST.get("based_on", "")
    based_on = get_object_or_404(Version, plan=plan, number=int(number)) if is_number(number) else None
    done = _("A new version is open. Only those who work here see it until it is published.")
    made = stepped(request, lambda: work.open_version(actor, plan, based_on=based_on), done)
    return redirect("plan-edit" if made else "plan-versions", plan_id)


def publish_draft(request: HttpRequest, plan_id: str) -> HttpResponse:
    """Publish a draft or send it out for consultation: the decision, and what changes."""
    draft, actor = draft_for(request, plan_id, "plan.publish")
    first = {"seen": last_edit(draft), "date": timezone.localdate(), "label": draft.label}
    form = PublishForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done = tried(
            request,
            form,
            lambda: work.publish(
                actor,
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


@require_POST
def discard_draft(request: HttpRequest, plan_id: str) -> HttpResponse:
    """Throw a draft away."""
    draft, actor = draft_for(request, plan_id, "plan.discard_version")
    given = request.POST.get("seen", "")
    seen = int(given) if is_number(given) else -1

    def discard() -> bool:
        work.discard_version(actor, draft, seen)
        return True

    done = _("The draft is thrown away. Published versions are as they were.")
    return redirect("plan-versions", plan_id) if stepped(request, discard, done) else back(draft)


def new_plan(request: HttpRequest) -> HttpResponse:
    """Make a plan."""
    actor = actor_somewhere(request, "plan.create")
    form = PlanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        draft = tried(
            request,
            form,
            lambda: work.create_plan(
                actor,
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
