"""The catalogue of data for other catalogues to read: DCAT-AP-NO as JSON-LD, and the check that it holds what it must."""

from __future__ import annotations

from framsyn.report.catalogue.document import catalogue_document
from framsyn.report.catalogue.model import Agent, Catalogue, Contact, DataSet, Distribution

__all__ = ["Agent", "Catalogue", "Contact", "DataSet", "Distribution", "catalogue_document"]
