"""Texts that people write in one, two or three language forms, kept together and shown without silent fallback."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

__all__ = ["LANGUAGES", "LANGUAGE_NAMES", "Text", "TextField", "current_language"]

LANGUAGES = ("nb", "nn", "en")
LANGUAGE_NAMES = {"nb": "bokmål", "nn": "nynorsk", "en": "English"}
# A reader of nynorsk understands bokmål better than English, and the other way round.
_NEXT_BEST = {"nb": ("nb", "nn", "en"), "nn": ("nn", "nb", "en"), "en": ("en", "nb", "nn")}


def current_language() -> str:
    """Return the language of the page being made: nb, nn or en.

    >>> from django.utils import translation
    >>> with translation.override("nn"):
    ...     current_language()
    'nn'
    """
    code = (get_language() or "nb")[:2]
    return code if code in LANGUAGES else "nb"


class Text(dict[str, str]):
    """One text in up to three language forms.

    Examples
    --------
    >>> text = Text(nb="Årsverk", en="Full-time equivalents")
    >>> text.said_in("nn")
    ('Årsverk', 'nb')
    >>> Text().said_in("en")
    ('', 'en')
    """

    def said_in(self, language: str) -> tuple[str, str]:
        """Return the text and the language that it is in: the wanted one, else the one nearest to it."""
        for code in _NEXT_BEST[language]:
            if self.get(code):
                return self[code], code
        return "", language

    def __str__(self) -> str:
        """Return the text in the language of the page."""
        return self.said_in(current_language())[0]

    @property
    def missing(self) -> tuple[str, ...]:
        """Language forms that nobody has written yet."""
        return tuple(code for code in LANGUAGES if not self.get(code))


class TextField(models.JSONField):
    """A :class:`Text` in one column."""

    description = _("text in bokmål, nynorsk and English")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", Text)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """Leave the default out of migrations: it is a part of the field."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("default", None)
        return name, path, args, kwargs

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Text:
        """Return a :class:`Text` from the stored JSON."""
        return Text(super().from_db_value(value, expression, connection) or {})

    def to_python(self, value: Any) -> Text:
        """Return a :class:`Text` from a mapping."""
        return Text(value or {})

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        """Refuse other languages than the three."""
        super().validate(value, model_instance)
        unknown = sorted(set(value) - set(LANGUAGES))
        if unknown:
            raise ValidationError(
                _("%(got)s is no language here; expected nb, nn or en."), params={"got": ", ".join(unknown)}
            )
