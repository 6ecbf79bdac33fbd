"""The feeds: changes of everything, or of one plan, goal, indicator or measure, as Atom and as RSS."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.contrib.syndication.views import Feed
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.utils.http import http_date
from django.utils.translation import gettext as _

from framsyn.web.api.etags import is_known
from framsyn.web.feeds.queries import THINGS, Changes, PublicChange, public_changes
from framsyn.web.indicators.models import Indicator
from framsyn.web.indicators.queries import titles_of
from framsyn.web.languages import Text, current_language
from framsyn.web.measures.models import Measure
from framsyn.web.plan.models import Plan, Version

if TYPE_CHECKING:
    import datetime

    from django.http import HttpRequest

__all__ = ["FORMATS", "feed", "thing_title"]

MOST = 50
FORMATS = {"atom": Atom1Feed, "rss": Rss201rev2Feed}


def thing_title(kind: str, object_id: str) -> Text | None:
    """Return what a thing is called, or None where everybody may not know of it; one query."""
    if kind == "goal":
        found = titles_of([object_id]).get(object_id)
        return found[1] if found else None
    if kind == "plan":
        shown = Version.objects.exclude(state=Version.State.DRAFT).values("plan")
        plan = Plan.objects.filter(pk=object_id, pk__in=shown).first()
        return plan.title if plan else None
    if kind == "indicator":
        indicator = Indicator.objects.filter(pk=object_id).only("name").first()
        return indicator.name if indicator else None
    measure = Measure.objects.filter(pk=object_id).only("title").first()
    return measure.title if measure else None


class ChangesFeed(Feed):
    """Changes of everything, or of one thing."""

    def __init__(self, kind: str, object_id: str, form: str, title: Text | None, address: str) -> None:
        self.kind, self.object_id, self.thing, self.feed_url = kind, object_id, title, address
        self.feed_type = FORMATS[form]
        self.found: Changes = public_changes(kind, object_id)

    @property
    def language(self) -> str:
        """Language of the words."""
        return current_language()

    def title(self) -> str:
        """What the feed tells of."""
        if self.thing is None:
            return _("Framsyn: what changed")
        return _("Framsyn: what changed in “%(title)s”") % {"title": self.thing}

    def description(self) -> str:
        """The same in a sentence."""
        return _(
            "Published versions, decided goals, new figures, reports on measures. Work on drafts is not told."
        )

    subtitle = description

    def link(self) -> str:
        """The page that the feed belongs to."""
        return address_of(self.kind, self.object_id) if self.object_id else reverse("changes")

    def items(self) -> list[PublicChange]:
        """The newest changes."""
        return self.found[:MOST]

    def item_title(self, item: PublicChange) -> str:
        """What happened to what."""
        return f"{item.what}: {item.title}"

    def item_description(self, item: PublicChange) -> str:
        """Why, where somebody said why."""
        return item.reason

    def item_link(self, item: PublicChange) -> str:
        """The page of the thing."""
        return address_of(item.kind, item.object_id) or reverse("changes")

    def item_guid(self, item: PublicChange) -> str:
        """An id that never changes, the same on Atom and RSS and in every language."""
        return f"tag:framsyn,2026:{item.at:%Y-%m-%d}:change/{item.id}"

    item_guid_is_permalink = False

    def item_pubdate(self, item: PublicChange) -> datetime.datetime:
        """When it happened."""
        return item.at

    item_updateddate = item_pubdate


def address_of(kind: str, object_id: str) -> str:
    """Return the page of a thing that changed; empty where it has none."""
    thing = THINGS.get(kind)
    return reverse(thing.page, args=[object_id]) if thing and object_id else ""


def feed(request: HttpRequest, form: str, kind: str = "", object_id: str = "") -> HttpResponse:
    """Answer with a feed; who has it already is told so."""
    title = thing_title(kind, object_id) if kind else None
    if kind and title is None:
        raise Http404
    made = ChangesFeed(kind, object_id, form, title, request.get_full_path())
    newest = made.found.newest
    words = (
        f"{request.get_full_path()} {request.get_host()} {current_language()} {newest.pk if newest else 0}"
    )
    tag = f'"{hashlib.sha256(words.encode()).hexdigest()[:20]}"'
    if is_known(request, tag):
        response = HttpResponse(status=304)
        del response["Content-Type"]
    else:
        response = made(request)
    response["ETag"] = tag
    response["Cache-Control"] = "public, max-age=300"
    if newest is not None:
        response["Last-Modified"] = http_date(newest.at.timestamp())
    return response
