"""Which pages the folder has, where they lie, and what each shows: the templates and charts of the site."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from framsyn.errors import PlanError
from framsyn.outlook.manifest import engine_version
from framsyn.region.arrays import SERVICE_AREAS
from framsyn.region.places import places
from framsyn.report.blocks import Fold, Table
from framsyn.report.sections.assumptions import assumptions
from framsyn.scenario import Scenario
from framsyn.web.languages import LANGUAGE_NAMES
from framsyn.web.outlooks.names import REGION
from framsyn.web.outlooks.page import stored_charts
from framsyn.web.outlooks.queries import region_of
from framsyn.web.pages.catalogue import data_sets
from framsyn.web.pages.home import drawn_front
from framsyn.web.static_site.municipalities import LIST_FILE, list_address, municipality_pages
from framsyn.web.static_site.page import Page
from framsyn.web.static_site.report_tables import shown
from framsyn.web.static_site.tables import place_table
from framsyn.web.stories.telling import stories_of_run, told
from framsyn.web.templatetags.look import asset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framsyn.region import Region
    from framsyn.report.blocks import Block
    from framsyn.web.outlooks.models import Run

__all__ = ["ASSETS", "Page", "Site", "data_files"]

ASSETS = ("framsyn.css", "mark.svg")
SERVICES = ("", *SERVICE_AREAS)
"""All services together, then one by one."""


@dataclass(frozen=True)
class _Known:
    region: Region
    scenario: Scenario


@dataclass(frozen=True)
class _Background:
    """As much of the evidence as the list of assumptions asks for."""

    outlook: _Known


@dataclass(frozen=True)
class Site:
    """The pages of a run in some languages.

    Parameters
    ----------
    run : Run
    languages : sequence of {"nb", "nn", "en"}
    scenario : Scenario or None
        None where the run is of a scenario that is not at hand; the page of assumptions is left out then.
    """

    run: Run
    languages: Sequence[str]
    scenario: Scenario | None
    region: Region = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "region", region_of(self.run.region))

    @classmethod
    def of(cls, run: Run, languages: Sequence[str]) -> Site:
        """Return the site of a run, with its scenario where the region ships it."""
        try:
            scenario = Scenario.load(run.scenario, region=region_of(run.region))
        except PlanError:
            scenario = None
        return cls(run, languages, scenario)

    @property
    def places(self) -> tuple[str, ...]:
        """Region and trusts."""
        return (REGION, *self.region.trusts)

    @property
    def municipalities(self) -> tuple[str, ...]:
        """All municipalities, in the order of their names."""
        return tuple(place.code for place in places(self.region) if place.kind == "municipality")

    def files(self, lang: str) -> dict[str, str]:
        """Return which file stands for which address of the site, for pages in a language."""
        found = {page.address: page.file for page in self.pages(lang)}
        found |= {address: file for file, address in data_files(self.run).items()}
        # The pages of the region and of trusts are those with all their charts.
        found |= {reverse("place", args=[place]): f"{lang}/outlook/{place}.html" for place in self.places}
        found |= {asset(name): f"assets/{name}" for name in ASSETS}
        found["/static/framsyn/licences.txt"] = "assets/licences.txt"
        for entry in data_sets(self.run.region):
            found[entry.address] = f"data/{entry.path.name}"
        return found

    def pages(self, lang: str) -> list[Page]:
        """Return the pages in a language, in the order in which they are read."""
        with override(lang):
            return [
                Page(
                    f"{lang}/index.html", "/", "static_site/front.html", lambda: self.front(lang), _("Home")
                ),
                *self.place_pages(lang),
                *municipality_pages(self.run, self.municipalities, lang),
                *self.story_pages(lang),
                *self.about_pages(lang),
            ]

    # ------------------------------------------------------------------ results
    def front(self, lang: str) -> dict[str, Any]:
        """Where the region stands, and what the folder holds."""
        pages = self.pages(lang)
        parts = (
            (_("Outlook"), f"{lang}/outlook/"),
            (_("Places"), f"{lang}/places/"),
            (_("Stories"), f"{lang}/stories/"),
            (_("About"), f"{lang}/about/"),
        )
        contents = [
            (
                heading,
                [(page.label, page.address) for page in pages if page.file.startswith(folder) and page.label],
            )
            for heading, folder in parts
        ]
        return {"front": drawn_front(self.run, lang), "contents": contents}

    def place_pages(self, lang: str) -> list[Page]:
        """Return the pages of the region and of each trust, one per service area."""
        found = []
        for place in self.places:
            for service in SERVICES:

                def shown(place: str = place, service: str = service) -> dict[str, Any]:
                    return self.place(place, service, lang)

                found.append(
                    Page(
                        f"{lang}/outlook/{place}{f'-{service.lower()}' if service else ''}.html",
                        self.place_address(place, service),
                        "static_site/place.html",
                        shown,
                        f"{self.place_name(place, lang)}, {lower(self.service_name(service, lang))}",
                    )
                )
        return found

    def place_address(self, place: str, service: str) -> str:
        """Return what the page of a place and service area stands for."""
        return f"{reverse('outlook')}?place={place}&service={service}"

    def place_name(self, place: str, lang: str) -> str:
        """Return the name of the region or a trust."""
        return self.region.label[lang] if place == REGION else self.region.label_of("trust", place, lang)

    def service_name(self, service: str, lang: str) -> str:
        """Return the name of a service area, or of all."""
        return self.region.label_of("service_area", service, lang) if service else _("All services")

    def place(self, place: str, service: str, lang: str) -> dict[str, Any]:
        """Charts and table of a place in a service area."""
        years, rows = place_table(self.run, place, service, lang)
        name, service_name = self.place_name(place, lang), self.service_name(service, lang)
        return {
            "crumbs": [(_("Outlook"), reverse("outlook")), (f"{name}, {lower(service_name)}", "")],
            "place_name": name,
            "service_name": service_name,
            "parts": stored_charts(self.run, service, place, lang),
            "years": years,
            "rows": rows,
            "page_address": reverse("outlook"),
            "files": self.series_address(place),
            "places": [
                {
                    "label": self.place_name(one, lang),
                    "address": self.place_address(one, service),
                    "current": one == place,
                }
                for one in self.places
            ],
            "services": [
                {
                    "label": self.service_name(one, lang),
                    "address": self.place_address(place, one),
                    "current": one == service,
                }
                for one in SERVICES
            ],
        }

    def series_address(self, place: str) -> str:
        """Return the address of the figures of a place."""
        return f"{reverse('series_file', args=[self.run.id])}?place={place}"

    # ------------------------------------------------------------------ stories
    def story_pages(self, lang: str) -> list[Page]:
        """Return the stories, each to read and step by step."""
        stories = stories_of_run(self.run)
        if not stories:
            return []

        def listed() -> dict[str, Any]:
            return {"crumbs": [(_("Stories"), "")], "stories": stories}

        found = [
            Page(
                f"{lang}/stories/index.html",
                reverse("stories"),
                "stories/stories.html",
                listed,
                _("All stories"),
            )
        ]
        for one in stories:
            slug, title = one.slug, one.title[lang]

            def read(slug: str = slug, title: str = title) -> dict[str, Any]:
                others = [
                    (other.slug, other.title[lang], other.lead[lang])
                    for other in stories
                    if other.slug != slug
                ]
                crumbs = [(_("Stories"), reverse("stories")), (title, "")]
                return {"crumbs": crumbs, "story": told(self.run.pk, slug, lang), "others": others}

            def stepped(slug: str = slug, title: str = title) -> dict[str, Any]:
                crumbs = [
                    (_("Stories"), reverse("stories")),
                    (title, reverse("story", args=[slug])),
                    (_("Step by step"), ""),
                ]
                return {"crumbs": crumbs, "story": told(self.run.pk, slug, lang)}

            found.append(
                Page(
                    f"{lang}/stories/{slug}.html",
                    reverse("story", args=[slug]),
                    "stories/story.html",
                    read,
                    title,
                )
            )
            found.append(
                Page(
                    f"{lang}/stories/{slug}-steps.html",
                    reverse("story-present", args=[slug]),
                    "stories/present.html",
                    stepped,
                )
            )
        return found

    # ------------------------------------------------------------------ about
    def about_pages(self, lang: str) -> list[Page]:
        """Return assumptions, data, sources and words."""
        entries = data_sets(self.run.region)
        titles = {"licence": _("Licences and sources"), "glossary": _("Words")}
        found = [
            Page(
                f"{lang}/about/data.html",
                reverse("data"),
                "static_site/data.html",
                lambda: self.data(lang),
                _("Data"),
            ),
            *(
                Page(
                    f"{lang}/about/{name}.html",
                    reverse(name),
                    f"pages/{name}.html",
                    lambda title=title: {"crumbs": [(title, "")], "title": title, "entries": entries},  # type: ignore[misc]
                    title,
                )
                for name, title in titles.items()
            ),
        ]
        if self.scenario is not None:
            page = Page(
                f"{lang}/about/assumptions.html",
                "/assumptions/",
                "static_site/assumptions.html",
                lambda: {"crumbs": [(_("What is assumed"), "")], "blocks": self.assumed(lang)},
                _("What is assumed"),
            )
            found.insert(0, page)
        return found

    def assumed(self, lang: str) -> list[Block | dict[str, Any]]:
        """Return the report's list of assumptions, with its folds open."""
        assert self.scenario is not None  # the page is there only then
        background: Any = _Background(_Known(self.region, self.scenario))
        found: list[Block | dict[str, Any]] = []
        for block in assumptions(background, lang).all_blocks():
            if not isinstance(block, Fold):
                found.append(shown(block) if isinstance(block, Table) else block)
        return found

    def data(self, lang: str) -> dict[str, Any]:
        """Return which files there are."""
        files = [(_("Every figure, with its interval"), reverse("series_file", args=[self.run.id]))]
        files += [
            (_("Figures of %(place)s") % {"place": self.place_name(place, lang)}, self.series_address(place))
            for place in self.places
        ]
        files.append((_("People of all places"), list_address()))
        if self.scenario is not None:
            files.append((_("The scenario, as the command line runs it"), "/scenario.toml"))
        return {
            "crumbs": [(_("Data"), "")],
            "entries": data_sets(self.run.region),
            "results": files,
            "command": f"framsyn run {self.run.scenario} --draws {self.run.draws}" if self.scenario else "",
        }

    # ------------------------------------------------------------------ frame
    def frame(self, page: Page, lang: str) -> dict[str, Any]:
        """Return what the frame of every page shows."""
        doors = (
            ("/", _("Home"), f"{lang}/index.html"),
            (reverse("outlook"), _("Outlook"), f"{lang}/outlook/"),
            (reverse("places"), _("Places"), f"{lang}/places/"),
            (reverse("stories"), _("Stories"), f"{lang}/stories/"),
            ("/assumptions/", _("What is assumed"), f"{lang}/about/assumptions.html"),
            (reverse("data"), _("Data"), f"{lang}/about/data.html"),
            (reverse("licence"), _("Licences and sources"), f"{lang}/about/licence.html"),
            (reverse("glossary"), _("Words"), f"{lang}/about/glossary.html"),
        )
        return {
            "run": self.run,
            "version": engine_version(),
            "region_name": self.region.label[lang],
            "languages": [
                {"code": code, "name": LANGUAGE_NAMES[code], "address": f"/in/{code}/"}
                for code in self.languages
            ],
            "doors": [
                {
                    "address": address,
                    "label": label,
                    "current": "page" if page.file == file else "true" if page.file.startswith(file) else "",
                }
                for address, label, file in doors
                if self.scenario is not None or "assumptions" not in file
            ],
        }


def lower(name: str) -> str:
    """Return a name as it stands within a sentence.

    >>> lower("Somatic care")
    'somatic care'
    """
    return name[0].lower() + name[1:]


def data_files(run: Run) -> dict[str, str]:
    """Return the files of the run's figures, and the address that each stands for."""
    whole = reverse("series_file", args=[run.id])
    places = (REGION, *region_of(run.region).trusts)
    return {
        "data/outlook.csv": whole,
        **{f"data/outlook-{place}.csv": f"{whole}?place={place}" for place in places},
        LIST_FILE: list_address(),
        "data/scenario.toml": "/scenario.toml",
    }
