"""Holding a catalogue against the shapes of DCAT-AP-NO, with pyshacl where it is installed."""

from __future__ import annotations

import json
from importlib import resources
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["check_catalogue"]


def check_catalogue(document: Mapping[str, Any]) -> list[str]:
    """Return what a catalogue lacks, a line for each; an empty list where it holds all that it must.

    Parameters
    ----------
    document : dict
        JSON-LD as :func:`~framsyn.report.catalogue.catalogue_document` writes it.

    Raises
    ------
    PlanError
        ``no-pyshacl`` where the package that checks is not installed.
    """
    if not find_spec("pyshacl"):
        message = "checking the catalogue needs pyshacl, which is not installed. Run: pip install pyshacl"
        raise PlanError("no-pyshacl", message, missing=["pyshacl"])
    from pyshacl import validate
    from rdflib import RDF, SH, Graph

    data = Graph().parse(data=json.dumps(document), format="json-ld")
    shapes = resources.files("framsyn.report.catalogue").joinpath("shapes.ttl").read_text(encoding="utf-8")
    _conforms, report, _text = validate(data, shacl_graph=Graph().parse(data=shapes, format="turtle"))
    found = []
    for result in report.subjects(RDF.type, SH.ValidationResult):
        node, path = report.value(result, SH.focusNode), report.value(result, SH.resultPath)
        said = str(report.value(result, SH.resultMessage) or "").replace("\n", " ")
        name = path.n3(data.namespace_manager) if path is not None else ""
        found.append(" ".join(filter(None, (f"{node}:", name, said[:200]))))
    if not len(data) or (None, RDF.type, None) not in data:
        found.append("the document says nothing")
    return sorted(found)
