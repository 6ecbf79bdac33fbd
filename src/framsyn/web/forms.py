"""Form fields of the site's own: one text in bokmål, nynorsk and English, at least one of them filled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from framsyn.web.languages import LANGUAGE_NAMES, LANGUAGES, Text, current_language

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

__all__ = ["TextFormField", "TextWidget"]


class TextWidget(forms.MultiWidget):
    """Three inputs, one per language form, the language of the page first.

    Parameters
    ----------
    rows : int
        1 for a line, more for a text of several paragraphs.
    """

    template_name = "plan/text_widget.html"
    use_fieldset = True

    def __init__(self, rows: int = 1, attrs: dict[str, Any] | None = None) -> None:
        self.rows = rows
        kind = forms.TextInput if rows == 1 else forms.Textarea
        super().__init__(
            {code: kind({"lang": code, **({} if rows == 1 else {"rows": rows})}) for code in LANGUAGES}, attrs
        )

    def decompress(self, value: Any) -> list[str]:
        """Return the three forms of a text."""
        return [(value or {}).get(code, "") for code in LANGUAGES]

    def subwidgets(self, name: str, value: Any, attrs: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Give none: the three inputs are drawn together."""
        return []

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        # The site's own templates, where Django's form renderer does not look.
        return render_to_string(template_name, context)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Give each input its language; the language of the page comes first."""
        context = super().get_context(name, value, attrs)
        parts = context["widget"]["subwidgets"]
        for code, part in zip(LANGUAGES, parts, strict=True):
            part["language"] = LANGUAGE_NAMES[code]
            part["lines"] = self.rows
            part["attrs"].pop("required", None)  # one of three is enough, and the server says so
        first = current_language()
        context["widget"]["subwidgets"] = sorted(parts, key=lambda part: part["attrs"]["lang"] != first)
        return context


class TextFormField(forms.MultiValueField):
    """A :class:`~framsyn.web.languages.Text` in a form.

    Examples
    --------
    >>> field = TextFormField(label="Title")
    >>> field.clean(["Mål", "", "Goal"])
    {'nb': 'Mål', 'en': 'Goal'}
    """

    widget = TextWidget

    def __init__(self, *, rows: int = 1, max_length: int | None = None, **kwargs: Any) -> None:
        fields = [forms.CharField(required=False, max_length=max_length) for _code in LANGUAGES]
        kwargs.setdefault("widget", TextWidget(rows))
        super().__init__(fields, require_all_fields=False, **kwargs)

    default_error_messages = {
        "required": _("Write it in one language form at least."),
    }

    def compress(self, data_list: list[str]) -> Text:
        """Return the text without its empty forms."""
        given = zip(LANGUAGES, data_list or [""] * len(LANGUAGES), strict=True)
        return Text(
            {
                code: (words or "").replace("\r\n", "\n").strip()
                for code, words in given
                if (words or "").strip()
            }
        )

    def clean(self, value: Any) -> Text:
        """Return the text, or say that it is missing."""
        text = super().clean(value)
        if self.required and not text:
            raise ValidationError(self.error_messages["required"], code="required")
        return text or Text()
