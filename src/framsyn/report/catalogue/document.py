"""The catalogue as JSON-LD, in the words of DCAT-AP-NO 3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from framsyn.report.catalogue.model import Agent, Catalogue, Contact, DataSet, Distribution

__all__ = ["CONTEXT", "MEDIA_TYPE", "catalogue_document"]

MEDIA_TYPE = "application/ld+json"
_EU = "http://publications.europa.eu/resource/authority/"
_NORWAY = f"{_EU}country/NOR"
_PUBLIC = f"{_EU}access-right/PUBLIC"
_LANGUAGES = tuple(f"{_EU}language/{code}" for code in ("NOB", "NNO", "ENG"))
_IANA = "https://www.iana.org/assignments/media-types/"
_REGISTER = "https://data.brreg.no/enhetsregisteret/api/enheter/"
_FORMS = {
    "csv": ("CSV", "text/csv"),
    "xlsx": ("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "json": ("JSON", "application/json"),
    "stat.json": ("JSON", "application/json"),
    "geojson": ("GEOJSON", "application/geo+json"),
}
_LICENCES = {
    "https://creativecommons.org/licenses/by/4.0/": f"{_EU}licence/CC_BY_4_0",
    "https://www.apache.org/licenses/LICENSE-2.0": f"{_EU}licence/APACHE_2_0",
}
_JSON_STAT = "https://json-stat.org/full/"

CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def catalogue_document(catalogue: Catalogue) -> dict[str, Any]:
    """Return a catalogue as one JSON-LD document.

    Parameters
    ----------
    catalogue : Catalogue

    Returns
    -------
    dict
        ``@context`` and ``@graph``: the catalogue, its data sets with their files, and the agents.

    References
    ----------
    Digitaliseringsdirektoratet: DCAT-AP-NO 3.0, the Norwegian profile of DCAT-AP.
    """
    agents = {_agent_name(one.publisher): one.publisher for one in catalogue.data_sets if one.publisher}
    agents[_agent_name(catalogue.publisher)] = catalogue.publisher
    own: dict[str, Any] = {
        "@id": catalogue.address,
        "@type": "dcat:Catalog",
        "dct:title": _words(catalogue.title),
        "dct:description": _words(catalogue.description),
        "dct:identifier": catalogue.address,
        "dct:publisher": {"@id": _agent_name(catalogue.publisher)},
        "dcat:contactPoint": _contact(catalogue.contact),
        "dct:language": [{"@id": one} for one in _LANGUAGES],
        "dct:spatial": _spatial(catalogue.place),
        "dcat:themeTaxonomy": {"@id": f"{_EU}data-theme"},
        "dcat:dataset": [{"@id": one.address} for one in catalogue.data_sets],
    }
    if catalogue.page:
        own["foaf:homepage"] = {"@id": catalogue.page}
    return {
        "@context": CONTEXT,
        "@graph": [
            own,
            *(_data_set(one, catalogue) for one in catalogue.data_sets),
            *(_agent(name, one) for name, one in sorted(agents.items())),
        ],
    }


def _words(text: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@language": code, "@value": said} for code, said in text.items() if said.strip()]


def _agent_name(agent: Agent) -> str:
    return f"{_REGISTER}{agent.number}" if agent.number else agent.address


def _agent(name: str, agent: Agent) -> dict[str, Any]:
    found: dict[str, Any] = {"@id": name, "@type": "foaf:Agent", "foaf:name": _words(agent.name)}
    found["dct:identifier"] = agent.number or name
    return found


def _contact(contact: Contact) -> dict[str, Any]:
    found: dict[str, Any] = {"@type": "vcard:Organization", "vcard:fn": _words(contact.name)}
    if contact.page:
        found["vcard:hasURL"] = {"@id": contact.page}
    if contact.mail:
        found["vcard:hasEmail"] = {"@id": f"mailto:{contact.mail}"}
    return found


def _spatial(place: Mapping[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{"@id": _NORWAY, "@type": "dct:Location"}]
    if place:
        found.append({"@type": "dct:Location", "skos:prefLabel": _words(place)})
    return found


def _data_set(one: DataSet, catalogue: Catalogue) -> dict[str, Any]:
    found: dict[str, Any] = {
        "@id": one.address,
        "@type": "dcat:Dataset",
        "dct:title": _words(one.title),
        "dct:description": _words(one.description),
        "dct:identifier": one.address,
        "dct:publisher": {"@id": _agent_name(one.publisher or catalogue.publisher)},
        "dcat:contactPoint": _contact(catalogue.contact),
        "dcat:theme": [{"@id": f"{_EU}data-theme/{code}"} for code in one.themes],
        "dct:accessRights": {"@id": _PUBLIC},
        "dct:accrualPeriodicity": {"@id": f"{_EU}frequency/{one.frequency}"},
        "dct:spatial": _spatial(one.place),
        "dcat:distribution": [_distribution(file, one) for file in one.distributions],
    }
    if one.page:
        found["dcat:landingPage"] = {"@id": one.page}
    if one.start or one.end:
        found["dct:temporal"] = {
            "@type": "dct:PeriodOfTime",
            **{
                f"dcat:{name}": {"@type": "xsd:date", "@value": day}
                for name, day in (("startDate", one.start), ("endDate", one.end))
                if day
            },
        }
    if one.provenance:
        found["dct:provenance"] = {"@type": "dct:ProvenanceStatement", "rdfs:label": _words(one.provenance)}
    if one.sources:
        found["prov:wasDerivedFrom"] = [{"@id": address} for address in one.sources]
    return found


def _distribution(file: Distribution, of: DataSet) -> dict[str, Any]:
    form, media = _FORMS[file.form]
    found: dict[str, Any] = {
        "@id": f"{file.address}#file",
        "@type": "dcat:Distribution",
        "dct:title": [
            {"@language": code, "@value": f"{said} ({'JSON-stat' if file.form == 'stat.json' else form})"}
            for code, said in of.title.items()
            if said.strip()
        ],
        "dct:description": _words(of.description),
        "dcat:accessURL": {"@id": file.address},
        "dcat:downloadURL": {"@id": file.address},
        "dct:format": {"@id": f"{_EU}file-type/{form}"},
        "dcat:mediaType": {"@id": f"{_IANA}{media}"},
    }
    if file.form == "stat.json":
        found["dct:conformsTo"] = {"@id": _JSON_STAT, "@type": "dct:Standard"}
    if file.licence:
        found["dct:license"] = {"@id": _LICENCES.get(file.licence, file.licence)}
    if file.rights:
        found["dct:rights"] = {"@type": "dct:RightsStatement", "rdfs:label": _words(file.rights)}
    return found
