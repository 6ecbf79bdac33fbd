"""Forms of the site's pages, filled in as a browser would send them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from site_pages import Node, parse

__all__ = ["Form", "forms_on", "main_form"]


@dataclass
class Form:
    """A form that is posted: where to, and what stands in it."""

    address: str
    fields: dict[str, list[str]]

    def with_(self, **changed: str | list[str]) -> dict[str, list[str]]:
        """Return the fields with some changed."""
        return {**self.fields, **{k: v if isinstance(v, list) else [v] for k, v in changed.items()}}


def _text(node: Node) -> str:
    return "".join(child if isinstance(child, str) else _text(child) for child in node.children).removeprefix(
        "\n"
    )


def _fields(form: Node) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for node in form.all("input", "select", "textarea"):
        given = node.attributes
        name, kind = given.get("name", ""), given.get("type", "text")
        if not name or "disabled" in given or kind in ("submit", "button", "file"):
            continue
        if node.tag == "select":
            options = node.all("option")
            chosen = [one for one in options if "selected" in one.attributes]
            if not chosen and "multiple" not in given:
                chosen = options[:1]
            values = [one.attributes.get("value", one.text) for one in chosen]
        elif node.tag == "textarea":
            values = [_text(node)]
        elif kind in ("checkbox", "radio"):
            values = [given.get("value", "on")] if "checked" in given else []
        else:
            values = [given.get("value", "")]
        found.setdefault(name, []).extend(values)
    return found


def forms_on(html: str, address: str) -> list[Form]:
    """Return the forms of a page that are posted, without the site's own (logging out)."""
    page = parse(html)
    return [
        Form(_target(address, node), _fields(node))
        for node in page.all("form")
        if node.attributes.get("method", "get").lower() == "post"
        and not node.attributes.get("action", "").endswith("/logout/")
    ]


def _target(address: str, node: Node) -> str:
    parts = urlsplit(urljoin(address, node.attributes.get("action", "") or address))
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def main_form(html: str, address: str) -> Form:
    """Return the form that a page is about: the one with most fields that is posted to the page itself."""
    own = [one for one in forms_on(html, address) if one.address == address]
    return max(own, key=lambda one: len(one.fields))
