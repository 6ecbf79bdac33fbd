"""The site in bokmål, nynorsk and English: every message translated, nothing left in another language by oversight."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from babel.messages import pofile
from django.test import Client
from django.utils import translation
from site_pages import PEOPLE, REASON, REPORTER, Node, Site, ask, every_reader, explore, fetch_by, parse

from framsyn.region import Region
from framsyn.region.places import places

ROOT = Path(__file__).resolve().parents[2]
# The same in every language: names, what the walk itself has written, languages in their own words.
SAME = re.compile(
    "|".join(
        (
            "Framsyn",
            "Helse Midt-Norge",
            "system: [a-z]+",
            r"https?://\S+",
            r"\b[\w-]+\.(?:json|txt|xlsx)\b",  # files
            re.escape(REASON),
            REPORTER,
            *PEOPLE.values(),
        )
    )
)


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """Return tools/messages.py, which is no package."""
    spec = importlib.util.spec_from_file_location("messages_tool", ROOT / "tools" / "messages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", params=["nb", "nn"])
def catalogue(request: pytest.FixtureRequest, tool: ModuleType) -> Any:
    """Return the catalogue of a language with exactly the messages that the site has."""
    return tool.updated(request.param)


# ---------------------------------------------------------------- the catalogues
def test_every_message_is_translated(tool: ModuleType, catalogue: Any) -> None:
    assert len(catalogue) > 500
    assert tool.lacking(catalogue) == []


def test_every_translation_names_the_values_of_its_message(tool: ModuleType, catalogue: Any) -> None:
    assert tool.wrong_placeholders(catalogue) == []


def test_the_files_hold_what_the_tool_would_write(tool: ModuleType, catalogue: Any) -> None:
    language = str(catalogue.locale)
    text = tool.catalogue_path(language).read_bytes().replace(b"\r\n", b"\n")
    assert text == tool.written(catalogue), "run python tools/messages.py"
    assert b"@" not in text.split(b"\n\n")[0]
    assert b"Date" not in text.split(b"\n\n")[0]


def test_a_file_survives_being_read_and_written(tool: ModuleType, catalogue: Any, tmp_path: Path) -> None:
    path = tmp_path / "django.po"
    path.write_bytes(tool.written(catalogue))
    with path.open("rb") as file:
        again = pofile.read_po(file, locale=str(catalogue.locale))
    assert {m.id: m.string for m in again if m.id} == {m.id: m.string for m in catalogue if m.id}
    assert not again.fuzzy


def test_messages_are_found_in_code_and_templates(tool: ModuleType, tmp_path: Path) -> None:
    code = tmp_path / "a.py"
    code.write_text(
        '_("One" " text")\nngettext("%(n)s bed", "%(n)s beds", 2)\npgettext("plan", "Open")\n_(name)\nother("no")\n',
        encoding="utf-8",
    )
    assert [message for message, _line in tool.from_code(code)] == [
        (None, "One text", None),
        (None, "%(n)s bed", "%(n)s beds"),
        ("plan", "Open", None),
    ]
    page = tmp_path / "a.html"
    page.write_text(
        '{% translate "Beds" %}{% translate "50 % of it" as half %}'
        '{% translate "Open" context "plan" %}{{ x|default:_("None") }}'
        "{% blocktranslate with a=b count n=c trimmed %}\n {{ a }} has\n one "
        "{% plural %} {{ a }} has {{ n }} {% endblocktranslate %}",
        encoding="utf-8",
    )
    assert [message for message, _line in tool.from_template(page)] == [
        (None, "Beds", None),
        (None, "50 %% of it", None),
        ("plan", "Open", None),
        (None, "None", None),
        (None, "%(a)s has one", "%(a)s has %(n)s"),
    ]


def test_faults_of_a_translation_are_noticed(tool: ModuleType) -> None:
    from babel.messages.catalog import Catalog

    catalog = Catalog(locale="nb", fuzzy=False)
    catalog.add("%(a)s beds", "%(a)s senger")
    catalog.add("%(b)s beds", "%(c)s senger")
    catalog.add(("one bed", "%(n)s beds"), ("en seng", "%(n)s senger"))
    catalog.add(("%(m)s bed", "%(m)s beds"), ("en seng", "senger"))
    catalog.add("new", "")
    catalog.add("guessed", "gjettet", flags=["fuzzy"])
    assert tool.wrong_placeholders(catalog) == ["%(b)s beds", "%(m)s bed"]
    assert tool.lacking(catalog) == ["new", "guessed"]


def test_a_message_in_a_template_is_the_one_that_is_looked_up(tool: ModuleType) -> None:
    """The tool and Django must agree to the letter, or a translation is never found."""
    from django.utils.translation import trans_real

    with translation.override("nb"):
        known = trans_real.translation("nb")
        for single, plural in (("Goals", None), ("%(count)s challenge", "%(count)s challenges")):
            assert (None, single, plural) in tool.messages()
            assert (known.ngettext(single, plural, 2) if plural else known.gettext(single)) not in (
                single,
                plural,
            )


def test_every_action_has_words_for_the_history() -> None:
    from framsyn.web.audit.queries import ALL_WORDS
    from framsyn.web.policies import POLICY

    assert set(POLICY) <= set(ALL_WORDS)


# ---------------------------------------------------------------- what Django says
def test_the_texts_of_django_are_told_in_both_languages(tool: ModuleType) -> None:
    import django

    known = set()
    for part in tool.DJANGO_PARTS:
        with (Path(django.__file__).parent / part / "locale/en/LC_MESSAGES/django.po").open("rb") as file:
            known |= {m.id if isinstance(m.id, str) else tuple(m.id) for m in pofile.read_po(file)}
    assert [text for text in tool.OF_DJANGO if text not in known] == []
    for language in ("nb", "nn"):
        with translation.override(language):
            for text in tool.OF_DJANGO:
                told = (
                    translation.ngettext(*text, 2) if isinstance(text, tuple) else translation.gettext(text)
                )
                assert told not in (text, text[-1]), f"{language}: {text}"


def test_a_password_that_will_not_do_is_told_in_nynorsk() -> None:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    with translation.override("nn"), pytest.raises(ValidationError) as caught:
        validate_password("123")
    told = " ".join(caught.value.messages)
    assert "Passordet er for kort" in told
    assert "teikn" in told
    assert "password" not in told


# ---------------------------------------------------------------- the pages
@pytest.fixture(scope="module")
def clients(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Client]]:
    """Give a browser for each reader."""
    with every_reader(django_db_blocker) as found:
        yield found


@pytest.fixture(scope="module")
def walked(clients: dict[str, Client]) -> Site:
    """Return every page of the site."""
    return explore(fetch_by(clients))


def words(page: Node) -> Iterator[str]:
    """Give what a reader sees or hears of a page, piece by piece; what is marked as another language is left out."""
    for node in page.walk():
        if node.inside("script", "style", "code", "head") and node.tag != "title":
            continue
        marked = node
        while marked.parent is not None and "lang" not in marked.attributes:
            marked = marked.parent
        if marked.tag != "html" and "lang" in marked.attributes:
            continue
        for name in ("aria-label", "alt", "title", "placeholder", "data-label", "aria-description"):
            if node.attributes.get(name):
                yield " ".join(node.attributes[name].split())
        for child in node.children:
            if isinstance(child, str):
                yield " ".join(child.split())


@pytest.mark.django_db
def test_no_page_keeps_english_words_in_norwegian(clients: dict[str, Client], walked: Site) -> None:
    """A text of two words or more that is the same in English and in Norwegian is a name, or was forgotten."""
    content = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "src/framsyn/regions/midt-norge").rglob("*.toml")
    ) + (ROOT / "src/framsyn/regions/midt-norge/datapackage.json").read_text(encoding="utf-8")
    region = Region.load("midt-norge")
    content += "\n".join(place.label["nb"] for place in places(region) if place.kind == "municipality")
    found: dict[str, set[str]] = {}
    for one in walked.pages:
        client = clients[one.reader]
        told = {
            language: set(words(parse(ask(client, one.address, language).content.decode())))
            for language in ("nb", "nn", "en")
        }
        for language in ("nb", "nn"):
            for text in told[language] & told["en"]:
                left = SAME.sub("", text)
                if len(re.findall(r"[a-zæøå]{3,}", left)) > 1 and text not in content:
                    found.setdefault(text, set()).add(f"{language} {one.address}")
    assert not found, "\n".join(f"{text!r}: {sorted(where)[:3]}" for text, where in sorted(found.items()))


@pytest.mark.django_db
def test_numbers_days_and_shares_are_written_the_norwegian_way(
    clients: dict[str, Client], walked: Site
) -> None:
    """No comma parts thousands, no point parts decimals, a space stands before %, a minus is a minus, days have points."""
    wrong = re.compile(
        r"(?<![\d.,:/-])[1-9]\d{0,2}(?:,\d{3})+(?![\d,])|(?<![\w.§])\d+\.\d+ ?%|\d%|(?<![\w)–-])-\d|"
        r"\b\d{1,2} (?:January|February|March|May|June|July|October|December)\b|\b\d{4}-\d{2}-\d{2}\b"
    )
    found = {}
    for one in walked.pages:
        page = parse(ask(clients[one.reader], one.address, "nn").content.decode())
        for text in words(page):
            if match := wrong.search(text):
                found[f"{one.address}: {match.group()}"] = text[:100]
    assert found == {}
