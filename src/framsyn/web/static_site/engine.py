"""Templates of the folder: those of the site, in a frame that needs no server."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.template.backends.django import DjangoTemplates
from django.utils import translation

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["render"]

HERE = Path(__file__).parent / "templates"


@functools.cache
def templates() -> DjangoTemplates:
    """Return the site's templates with our own frame (``base.html``) before theirs."""
    theirs = settings.TEMPLATES[0]
    return DjangoTemplates(
        {
            "NAME": "static-site",
            "DIRS": [HERE, *theirs["DIRS"]],
            "APP_DIRS": False,
            "OPTIONS": {"builtins": theirs["OPTIONS"]["builtins"]},
        }
    )


def render(name: str, context: Mapping[str, Any], lang: str) -> str:
    """Render a template in a language, as a reader who is not logged in sees it."""
    with translation.override(lang):
        return templates().get_template(name).render({**context, "offline": True})
