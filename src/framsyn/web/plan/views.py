"""Reading the plan: the hierarchy, one version, one element, on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from framsyn.web.access import plans_with, roles_here
from framsyn.web.accounts.queries import may_somewhere
from framsyn.web.actions import Actor
from framsyn.web.plan.element_queries import element_page
from framsyn.web.plan.forms import LinkForm
from framsyn.web.plan.list_queries import plan_tree, summary_of
from framsyn.web.plan.models import Element, Plan, Version
from framsyn.web.plan.queries import in_force, main_plan, plan_page
from framsyn.web.policies import may

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["element", "plan", "plan_print", "plan_version", "plans", "read_plan", "roles_on"]


def roles_on(request: HttpRequest, plan: Plan) -> frozenset[str]:
    """Return the roles that the person holds on a plan or in its organisation."""
    return roles_here(request, plan.organisation, plans=(plan.pk,))


def read_plan(plan_id: str) -> Plan:
    """Return a plan with its organisation and those above, or answer that it is not here."""
    return get_object_or_404(
        Plan.objects.select_related("organisation__parent__parent", "parent"), pk=plan_id
    )


def crumbs_of(plan: Plan, *more: tuple[Any, str]) -> list[tuple[Any, str]]:
    """Return the way to a page below a plan."""
    return [(_("Plans"), reverse("plans")), (plan.title, reverse("plan", args=[plan.pk])), *more]


@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """All plans, each below the one that it follows up; first the plan that the region lives by."""
    drafts = plans_with(request, "see.draft")["see.draft"]
    main = main_plan()
    version = None
    if main is not None:
        version = in_force(Version.objects.filter(plan=main), drafts=main.pk in drafts)
    return render(
        request,
        "plan/plans.html",
        {
            "crumbs": [(_("Plans"), "")],
            "tree": plan_tree(drafts=drafts),
            "summary": summary_of(main, version) if main and version else None,
            "may_create": may_somewhere(Actor.of(request), "plan.create"),
            "may_import": may_somewhere(Actor.of(request), "plan.import"),
        },
    )


@require_safe
def plan(request: HttpRequest, plan_id: str) -> HttpResponse:
    """The version of a plan that is in force."""
    return _version(request, read_plan(plan_id), None)


@require_safe
def plan_version(request: HttpRequest, plan_id: str, number: int) -> HttpResponse:
    """One version of a plan."""
    return _version(request, read_plan(plan_id), number)


@require_safe
def plan_print(request: HttpRequest, plan_id: str, number: int) -> HttpResponse:
    """One version of a plan, laid out for paper."""
    return _version(request, read_plan(plan_id), number, template="plan/print.html")


def _version(
    request: HttpRequest, shown: Plan, number: int | None, template: str = "plan/plan.html"
) -> HttpResponse:
    roles = roles_on(request, shown)
    insider = may(roles, "see.draft")
    drafts = (shown.pk,) if insider else ()
    versions = list(Version.objects.filter(plan=shown).select_related("decision").order_by("number"))
    if number is None:
        version = in_force(versions, drafts=insider)
    else:
        version = next((one for one in versions if one.number == number and (insider or one.is_frozen)), None)
    if version is None and (number is not None or not insider):
        raise Http404
    if version is None:
        may_open = may(roles, "plan.open_version")
        return render(
            request, "plan/no_version.html", {"plan": shown, "crumbs": crumbs_of(shown), "may_open": may_open}
        )
    page = plan_page(shown, version, [one for one in versions if insider or one.is_frozen], drafts=drafts)
    draft = next((one for one in versions if not one.is_frozen), None)
    crumbs = crumbs_of(shown)
    if number is not None:
        crumbs.append((_("Version %(number)s") % {"number": number}, ""))
    return render(
        request,
        template,
        {
            "crumbs": crumbs,
            "page": page,
            "may_edit": may(roles, "plan.change_text"),
            "may_open": may(roles, "plan.open_version"),
            "draft": draft if insider else None,
            "newer": next((one for one in reversed(page.versions) if one.number > version.number), None),
        },
    )


@require_safe
def element(request: HttpRequest, element_id: str) -> HttpResponse:
    """One element: its words in force, where it stands, the red thread, its history."""
    found = get_object_or_404(
        Element.objects.select_related("origin__organisation__parent__parent"), pk=element_id
    )
    mine = plans_with(request, "see.draft", "plan.change_text", "plan.restore", "plan.link", "see.audit")
    may_here = {what: found.origin_id in plans for what, plans in mine.items()}
    page = element_page(found, drafts=mine["see.draft"])
    if page.node is None and not may_here["see.draft"]:
        raise Http404
    heading = page.wording.heading if page.wording else element_id
    return render(
        request,
        "plan/element.html",
        {
            "crumbs": crumbs_of(found.origin, (heading, "")),
            "page": page,
            "may_edit": may_here["plan.change_text"],
            "may_restore": may_here["plan.restore"],
            "may_audit": may_here["see.audit"],
            "may_link": may_here["plan.link"],
            "link_form": LinkForm() if may_here["plan.link"] else None,
            "is_goal": found.kind == Element.Kind.GOAL,
        },
    )
