"""Searching: endings, language forms, order, odd input, and what is shown when nothing is found."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from framsyn.web.actions import Actor
from framsyn.web.measures import actions
from framsyn.web.measures.models import Measure
from framsyn.web.search.index import rebuild
from framsyn.web.search.models import Document
from framsyn.web.search.queries import PER_GROUP, PER_PAGE, Hits, find, ids_of_kind

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
MOST_QUERIES = 15


def document(name: str, title: str, text: str = "", kind: str = "element", language: str = "nb") -> None:
    """Put one thing into the index."""
    from framsyn.web.search.index import Found

    forms = {language: title}
    for made in Found(kind, name, forms, {language: text}, f"/x/{name}/").documents():
        if made.language == language:
            made.save()


@pytest.fixture
def bare(db: None) -> None:
    """Empty the index."""
    Document.objects.all().delete()


def titles(hits: Hits) -> list[str]:
    """Return the plain titles of what was found."""
    return [
        str(hit.title).replace("<mark>", "").replace("</mark>", "")
        for group in hits.groups
        for hit in group.hits
    ]


# ---------------------------------------------------------------- words
@pytest.mark.parametrize("typed", ["sykehus", "sykehuset", "sykehusene", "Sykehusenes", "SYKEHUS", "syke"])
def test_endings_do_not_matter(bare: None, typed: str) -> None:
    document("one", "Sykehusene i regionen")
    document("two", "Kommunene i regionen")
    found = find(typed, "nb")
    assert titles(found) == ["Sykehusene i regionen"]
    assert found.how == "all"


@pytest.mark.parametrize("typed", ["sjukehus", "sjukehusa", "sjukehuset"])
def test_nynorsk_finds_nynorsk(bare: None, typed: str) -> None:
    document("one", "Sjukehusa i regionen", language="nn")
    assert titles(find(typed, "nn")) == ["Sjukehusa i regionen"]


def test_a_word_of_another_language_form_finds_the_thing_in_the_readers(bare: None) -> None:
    document("one", "Sjukehusa våre", language="nn")
    document("one", "Sykehusene våre", language="nb")
    document("one", "Our hospitals", language="en")
    for typed in ("sjukehus", "hospital"):
        found = find(typed, "nb")
        assert titles(found) == ["Sykehusene våre"]
        assert found.how == "language"


def test_all_words_must_be_there_and_the_last_may_be_unfinished(bare: None) -> None:
    document("one", "Ventetid på behandling")
    document("two", "Ventetid")
    assert titles(find("ventetider behandl", "nb")) == ["Ventetid på behandling"]


def test_the_best_comes_first(bare: None) -> None:
    document(
        "text",
        "Noe annet",
        "Et avsnitt som nevner beredskap en gang blant mange andre ord om helt andre ting.",
    )
    document("title", "Beredskap")
    document("none", "Utdanning")
    assert titles(find("beredskap", "nb")) == ["Beredskap", "Noe annet"]


def test_words_are_marked_and_markup_is_not(bare: None) -> None:
    document("one", "Ventetider & <b>frister</b>", "x " * 300 + "Ventetiden går ned. " + "y " * 300)
    hit = find("ventetid", "nb").groups[0].hits[0]
    assert str(hit.title) == "<mark>Ventetider</mark> &amp; &lt;b&gt;frister&lt;/b&gt;"
    assert "<mark>Ventetiden</mark> går ned" in hit.excerpt
    assert hit.excerpt.startswith("… ")
    assert len(hit.excerpt) < 300


# ---------------------------------------------------------------- nothing found
def test_some_of_the_words_are_better_than_nothing(bare: None) -> None:
    document("one", "Ventetid")
    found = find("ventetid banan", "nb")
    assert (found.how, titles(found)) == ("some", ["Ventetid"])


@pytest.mark.parametrize("typed", ["ventetdi", "ventetix", "ventilator"])
def test_a_misspelt_word_shows_what_begins_like_it(bare: None, typed: str) -> None:
    document("one", "Ventetid")
    found = find(typed, "nb")
    assert (found.how, titles(found)) == ("beginning", ["Ventetid"])


def test_nothing_is_nothing(bare: None) -> None:
    document("one", "Ventetid")
    assert find("qqqqq", "nb").how == "nothing"
    assert find(" ** ", "nb").how == "no words"


# ---------------------------------------------------------------- kinds and pages
def test_hits_are_counted_by_kind_and_one_kind_is_paged(bare: None) -> None:
    for number in range(PER_PAGE + 5):
        document(f"m{number}", f"Tiltak {number}", kind="measure")
    document("g", "Tiltak for alle", kind="goal")
    found = find("tiltak", "nb")
    assert {(group.kind, group.count, len(group.hits)) for group in found.groups} == {
        ("measure", PER_PAGE + 5, PER_GROUP),
        ("goal", 1, 1),
    }
    first, second = (find("tiltak", "nb", "measure", page) for page in (1, 2))
    assert first.count == PER_PAGE + 6
    assert len(titles(first)) == PER_PAGE
    assert len(titles(second)) == 5
    assert not set(titles(first)) & set(titles(second))
    assert len(ids_of_kind("tiltak", "nb", "measure")) == PER_PAGE + 5


def test_an_action_brings_the_index_up_to_date() -> None:
    measure = Measure.objects.get(pk="home-hospital")
    assert not ids_of_kind("pangolin", "nb", "measure")
    assert measure.pk in ids_of_kind("hjemmesykehus", "nb", "measure")
    actions.change(SYSTEM, measure, title={"nb": "Pangolinen"})
    assert ids_of_kind("pangolin", "nb", "measure") == [measure.pk]
    assert measure.pk not in ids_of_kind("hjemmesykehus", "nb", "measure")


def test_the_whole_index_is_the_same_made_anew() -> None:
    def rows() -> set[tuple[str, ...]]:
        return set(Document.objects.values_list("kind", "object_id", "language", "title", "stems"))

    before = rows()
    assert rebuild() == len(before)
    assert rows() == before


# ---------------------------------------------------------------- the page
@pytest.mark.parametrize(
    "typed",
    ['"', '""', '"sykehus', "*", "sykehus*", "OR", "AND NOT", "NEAR(a b)", "a:b", "-x", "(", "^", "😀", "½", "'", "\\",
     "' OR 1=1 --", "æøå", "a" * 500, "ord " * 200, "\x00", "!&|", "<->", "%_", "{{ x }}", "ª", "ﬁ", "١", "e\u0301"],
)  # fmt: skip
@pytest.mark.parametrize("language", ["nb", "en"])
def test_odd_input_never_fails(client: Any, typed: str, language: str) -> None:
    answer = client.get("/search/", {"q": typed, "lang": language, "kind": "goal", "page": "x"})
    assert answer.status_code == 200


class AnyInput(TestCase):
    """Whatever somebody types is answered."""

    @settings(suppress_health_check=[HealthCheck.too_slow], max_examples=80)
    @given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
    def test_any(self, text: str) -> None:
        found = find(text, "nb")
        assert found.count == sum(group.count for group in found.groups)


def test_the_page_groups_filters_and_helps(client: Any, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(MOST_QUERIES):
        page = client.get("/search/?q=hospital&lang=en").content.decode()
    assert "in another language form" not in page
    page = client.get("/search/?q=sykehus&lang=nb").content.decode()
    assert '<h2 id="kind-measure">' in page
    assert "<mark>" in page
    assert "kind=element" in page
    only = client.get("/search/?q=sykehus&lang=nb&kind=element").content.decode()
    assert '<h2 id="kind-measure">' not in only
    assert '<h2 id="kind-element">' in only
    with django_assert_max_num_queries(MOST_QUERIES):
        page = client.get("/search/?q=qqqqq&lang=en").content.decode()
    assert "Nothing was found for “qqqqq”" in page
    assert 'href="?q=home%20hospital"' in page
    assert "What are you looking for?" in client.get("/search/?lang=en").content.decode()
    assert "There is no word in this" in client.get("/search/?lang=en&q=***").content.decode()


def test_what_is_typed_is_not_markup(client: Any) -> None:
    page = client.get("/search/", {"q": '<script>x</script>"onx='}).content.decode()
    assert "<script>x" not in page
    assert 'value="&lt;script&gt;' in page


def test_the_index_of_this_database_is_used(bare: None) -> None:
    """Guards against a search that reads every row: the plan of the query names the index."""
    document("one", "Ventetid")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'search_stems'")
            assert "gin" in cursor.fetchone()[0]
        else:
            cursor.execute("EXPLAIN QUERY PLAN SELECT rowid FROM search_index WHERE search_index MATCH 'x'")
            assert "VIRTUAL TABLE INDEX" in str(cursor.fetchall())
