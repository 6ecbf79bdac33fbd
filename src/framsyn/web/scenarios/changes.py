"""Forms and buttons of saved scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from framsyn.web.access import actor_somewhere
from framsyn.web.accounts.queries import reach_of
from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.explorer.room import moved
from framsyn.web.explorer.state import State
from framsyn.web.languages import Text
from framsyn.web.locking import last_change
from framsyn.web.saving import is_number, stepped, tried
from framsyn.web.scenarios import actions
from framsyn.web.scenarios.forms import BringForm, LockForm, SaveForm, TextsForm
from framsyn.web.scenarios.models import SavedScenario
from framsyn.web.scenarios.queries import found_or_404, known_or_404, texts
from framsyn.web.scenarios.views import crumbs

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from framsyn.web.accounts.models import Organisation

__all__ = ["bring", "edit", "fork", "lock", "new", "publish", "remove", "restore", "share", "withdraw"]


def places_of(actor: Actor, action: str) -> list[Organisation]:
    """Return the organisations in which somebody may save, nearest first."""
    return reach_of(actor, action).organisations


def view_of(state: State) -> str:
    """Return what the explorer shows beside the levers, as a query."""
    kept = {name: value for name, value in state.parameters().items() if name not in state.moves}
    return "&".join(f"{name}={value}" for name, value in kept.items() if name != "scenario")


# ---------------------------------------------------------------- making
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Save what the explorer shows: the state of its address. Who is not logged in learns that the address is enough."""
    state, faults = State.read(request.GET)
    explorer = f"{reverse('outlook')}?{state.query()}" if state.query() else reverse("outlook")
    title = _("Save this scenario")
    context: dict[str, Any] = {
        "crumbs": crumbs((title, "")),
        "title": title,
        "faults": faults,
        "cancel": explorer,
        "explorer": request.build_absolute_uri(explorer),
        "here": request.get_full_path(),
    }
    if not request.user.is_authenticated:
        return render(request, "scenarios/address.html", context)
    actor = actor_somewhere(request, "scenario.save")
    given = (
        request.POST
        if "name_nb" in request.POST or "name_0" in request.POST or "seen" in request.POST
        else None
    )
    form = SaveForm(given, organisations=places_of(actor, "scenario.save"), initial={"seen": 0})
    if given is not None and form.is_valid():
        saved = tried(
            request,
            form,
            lambda: actions.save(
                actor,
                moved(state),
                organisation=form.place(),
                origin=state.scenario,
                query=view_of(state),
                **form.texts(),
            ),
        )
        if saved is not None:
            return kept(request, saved)
    return render(
        request,
        "scenarios/form.html",
        {**context, "form": form, "submit": _("Save"), "moves": len(state.levers)},
    )


def kept(request: HttpRequest, saved: SavedScenario) -> HttpResponse:
    """Say that a scenario is saved, and lead to its page."""
    actions.forget_removed()
    messages.success(request, _("The scenario is saved. You alone see it until you share it."))
    return redirect("scenario", saved.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: HttpRequest) -> HttpResponse:
    """Bring a scenario file."""
    actor = actor_somewhere(request, "scenario.save")
    form = BringForm(
        request.POST or None, request.FILES or None, organisations=places_of(actor, "scenario.save")
    )
    title = _("Bring a scenario file")
    if request.method == "POST" and form.is_valid():
        scenario = form.cleaned_data["scenario"]
        saved = tried(
            request,
            form,
            lambda: actions.save(
                actor,
                scenario,
                name=texts(scenario.label),
                description=texts(scenario.description),
                organisation=form.place(),
                as_it_is=True,
            ),
        )
        if saved is not None:
            return kept(request, saved)
    context = {
        "crumbs": crumbs((title, "")),
        "title": title,
        "form": form,
        "submit": _("Bring it"),
        "cancel": reverse("scenarios"),
    }
    return render(request, "scenarios/form.html", {**context, "is_file": True})


@require_http_methods(["GET", "HEAD", "POST"])
def fork(request: HttpRequest, slug: str) -> HttpResponse:
    """Make one's own from a scenario."""
    known = known_or_404(Actor.of(request), slug)
    actor = actor_somewhere(request, "scenario.fork")
    form = SaveForm(
        request.POST or None,
        organisations=places_of(actor, "scenario.fork"),
        initial={"name": copied(known.name), "description": known.description},
    )
    if request.method == "POST" and form.is_valid():
        source: Any = known.saved or known.key
        made = tried(
            request,
            form,
            lambda: actions.fork(actor, source, known.scenario(), organisation=form.place(), **form.texts()),
        )
        if made is not None:
            return kept(request, made)
    title = _("Make your own from it")
    return render(request, "scenarios/form.html", form_of(known.name, slug, title, form, _("Save")))


def copied(name: Text) -> Text:
    """Return the name that a copy begins with.

    >>> copied(Text(nb="Plan", en="Plan"))
    {'nb': 'Plan (min)', 'en': 'Plan (mine)'}
    """
    mine = {"nb": "min", "nn": "min", "en": "mine"}
    return Text({code: f"{words[:110]} ({mine[code]})" for code, words in name.items() if words})


def form_of(name: Any, slug: str, title: str, form: Any, submit: str) -> dict[str, Any]:
    """Return what the page of a form about a scenario shows."""
    here = reverse("scenario", args=[slug])
    way = crumbs((str(name), here), (title, ""))
    return {"crumbs": way, "title": title, "about": name, "form": form, "submit": submit, "cancel": here}


# ---------------------------------------------------------------- texts and the decision
def initial_of(saved: SavedScenario) -> dict[str, Any]:
    """Return what the form of the texts begins with."""
    return {name: getattr(saved, name) for name in actions.TEXTS}


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Change name and texts; somebody else's change meanwhile is shown beside what was typed."""
    saved, actor = mine(request, slug, "scenario.rename")
    if not actions.may_change(actor, saved):
        return refused(request, saved)
    form = TextsForm(request.POST or None, initial={**initial_of(saved), "seen": last_change(saved)})
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["seen"]
        done = tried(
            request,
            form,
            lambda: actions.rename(actor, saved, seen=seen, **form.texts()),
            lambda: initial_of(found_or_404(actor, slug)),
        )
        if done is not None:
            messages.success(request, _("The texts are changed."))
            return redirect("scenario", slug)
    title = _("Change name and texts")
    return render(request, "scenarios/form.html", form_of(saved.name, slug, title, form, _("Save")))


@require_http_methods(["GET", "HEAD", "POST"])
def lock(request: HttpRequest, slug: str) -> HttpResponse:
    """Lock a scenario as decided."""
    saved, actor = mine(request, slug, "scenario.lock")
    if saved.is_locked or not saved.is_published:
        return refused(request, saved)
    form = LockForm(request.POST or None, initial={"seen": last_change(saved)})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done = tried(request, form, lambda: actions.lock(actor, saved, **given), lambda: {})
        if done is not None:
            messages.success(request, _("The scenario is locked as decided. It never changes from now on."))
            return redirect("scenario", slug)
    title = _("Lock as decided")
    return render(
        request, "scenarios/form.html", {**form_of(saved.name, slug, title, form, title), "is_lock": True}
    )


def mine(request: HttpRequest, slug: str, action: str) -> tuple[SavedScenario, Actor]:
    """Return a scenario and who works on it: 404 where it is not for this reader, then the role that the action needs."""
    actor = Actor.of(request)
    if actor.user is None:
        # The same answer whether there is such a scenario or not.
        raise NotAllowed("not-allowed", _("Log in to change a scenario."), action=action)
    saved = found_or_404(actor, slug)
    own = saved.owner_id == actor.user.pk
    actor.require(
        action,
        saved.organisation,
        plans=actions.plans_of(actor) if own and saved.organisation is None else (),
    )
    return saved, actor


def refused(request: HttpRequest, saved: SavedScenario) -> HttpResponse:
    """Say why a step is not there, on the page of the scenario."""
    if saved.is_locked:
        text = _("This scenario is locked by a decision and never changes. Make a new one from it.")
    elif not saved.is_published:
        text = _("Only a published scenario can be locked as decided. Publish it first.")
    else:
        text = _("This scenario is somebody else's. Nothing was changed. Make your own from it.")
    messages.error(request, text)
    return redirect("scenario", saved.slug)


# ---------------------------------------------------------------- buttons
def step(
    request: HttpRequest,
    slug: str,
    name: str,
    do: Callable[[Actor, SavedScenario, int | None], Any],
    done: str,
) -> HttpResponse:
    """Do what a button on the page of a scenario does."""
    saved, actor = mine(request, slug, name)
    said = request.POST.get("seen", "")
    seen = int(said) if is_number(said) else None
    stepped(request, lambda: do(actor, saved, seen), done)
    return redirect("scenario", slug)


@require_POST
def share(request: HttpRequest, slug: str) -> HttpResponse:
    """Let the organisation read it, or keep it to oneself again."""
    shared = request.POST.get("with") == "organisation"
    done = (
        _("Your organisation can read the scenario now.") if shared else _("You alone see the scenario now.")
    )
    return step(
        request, slug, "scenario.share", lambda a, s, n: actions.share(a, s, shared=shared, seen=n), done
    )


@require_POST
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """Let everybody read it."""
    done = _("The scenario is published: everybody can read it.")
    return step(request, slug, "scenario.publish", lambda a, s, n: actions.publish(a, s, seen=n), done)


@require_POST
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Take it back from everybody."""
    saved, actor = mine(request, slug, "scenario.withdraw")
    done = _("The scenario is withdrawn. Who it belongs to reads it still.")
    if stepped(request, lambda: actions.withdraw(actor, saved), done) is None:
        return redirect("scenario", slug)
    try:
        found_or_404(actor, slug)
    except Http404:
        return redirect("scenarios")
    return redirect("scenario", slug)


@require_POST
def remove(request: HttpRequest, slug: str) -> HttpResponse:
    """Take one's own away."""
    saved, actor = mine(request, slug, "scenario.remove")
    done = _("The scenario is removed. You can bring it back for %(days)s days.") % {
        "days": actions.KEPT_DAYS
    }
    if stepped(request, lambda: actions.remove(actor, saved), done) is None:
        return redirect("scenario", slug)
    return redirect("scenarios")


@require_POST
def restore(request: HttpRequest, slug: str) -> HttpResponse:
    """Bring one's own back."""
    actor = Actor.of(request)
    if actor.user is None:
        raise NotAllowed("not-allowed", _("Log in to change a scenario."), action="scenario.restore")
    saved = SavedScenario.objects.filter(pk=slug, owner=actor.user).exclude(removed_at=None).first()
    if saved is None:
        raise Http404
    stepped(request, lambda: actions.restore(actor, saved), _("The scenario is back."))
    return redirect("scenario", slug)
