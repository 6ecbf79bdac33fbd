"""Which feed tells of the page that is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.urls import reverse

if TYPE_CHECKING:
    from django.template.context import Context

__all__ = ["feeds", "register"]

register = template.Library()
_KINDS = {"plan": "plan_id", "goal": "element_id", "indicator": "indicator_id", "measure": "measure_id"}


@register.simple_tag(takes_context=True)
def feeds(context: Context) -> dict[str, Any]:
    """Addresses of the feeds: of the whole site, and of the thing that this page is about where it has its own."""
    found: dict[str, Any] = {"site": {form: reverse("feed", args=[form]) for form in ("atom", "rss")}}
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    argument = _KINDS.get(match.url_name or "") if match else None
    page = context.get("page")
    version = getattr(page, "version", None) or getattr(getattr(page, "node", None), "version", None)
    if match and argument in match.kwargs and getattr(version, "is_frozen", True):  # no feed tells of drafts
        found["own"] = {
            form: reverse(f"feed-{match.url_name}", args=[match.kwargs[argument], form])
            for form in ("atom", "rss")
        }
    return found
