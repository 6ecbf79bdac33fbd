"""The tables of StatBank that Framsyn reads: number, dimensions and codes, declared here and nowhere else.

When Statistics Norway moves a table or renames a dimension, the client says which and what is there now; one line here is
then the whole change.

The codes were read from the published data that the shipped region is built from and from the descriptions of the tables;
where ``assumed`` is set they could not be seen in an answer of the service, and the first fetch tells if they are wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["LAYOUTS", "LICENCE", "Layout", "SERVICE_AREAS", "SEXES"]

LICENCE = "CC BY 4.0"
# Code of StatBank to name in a region.
SEXES: Mapping[str, str] = {"1": "male", "2": "female"}
SERVICE_AREAS: Mapping[str, str] = {"SOM": "SOM", "VOP": "PHV", "BUP": "PHBU", "TSB": "TSB"}


@dataclass(frozen=True, slots=True)
class Layout:
    """One table.

    Attributes
    ----------
    table : str
        Number in StatBank.
    title : str
    feeds : str
        What Framsyn makes of it.
    columns : Mapping of dimension in StatBank to column here
        All but the contents.
    measures : Mapping of code of contents to measure here
        Empty where the table has one content alone.
    fixed : Mapping of dimension to code
        Dimensions of which one code is meant.
    contents : str
        Name of the dimension of contents.
    assumed : bool
        No answer of the service with these names has been seen.
    """

    table: str
    title: str
    feeds: str
    columns: Mapping[str, str]
    measures: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    contents: str = "ContentsCode"
    assumed: bool = False

    @property
    def page(self) -> str:
        """Address of the table's page for people."""
        return f"https://www.ssb.no/statbank/table/{self.table}"


PEOPLE = {"Region": "area", "Kjonn": "sex", "Alder": "age", "Tid": "year"}
# Main alternative, low and high national growth, as 14288 and 12882 name them.
VARIANTS = {"Personer": "MMMM", "Personer1": "LLML", "Personer2": "HHMH"}

LAYOUTS: Mapping[str, Layout] = {
    layout.table: layout
    for layout in (
        Layout("07459", "Population by region, sex and age", "population", PEOPLE, {"Personer1": "persons"}),
        Layout("14288", "Regional projections 2024", "controls", PEOPLE, VARIANTS),
        Layout("12882", "Regional projections 2020", "past projections", PEOPLE, VARIANTS),
        Layout(
            "07902",
            "Life tables",
            "life tables",
            {"Kjonn": "sex", "AlderX": "age", "Tid": "year"},
            {"Dodssannsynlighet": "qx"},
        ),
        Layout(
            "13942",
            "Beds and activity by health trust",
            "activity and beds",
            {"HelseReg": "trust", "HelseTjenomr": "service_area", "Tid": "year"},
            {
                "Dognplass": "beds",
                "Utskriv": "stays",
                "Liggedag": "bed_days",
                "Sengedogn": "bed_days_available",
                "Polikliniske": "outpatient_contacts",
                "Dag": "day_treatments",
                "BeleggSsb": "occupancy",
                "BeleggOecd": "occupancy_oecd",
            },
        ),
        Layout(
            "13953",
            "Agreed full-time equivalents by health trust and profession",
            "staff",
            {"HelseReg": "trust", "Yrke": "profession", "HelseTjenomr": "service_area", "Tid": "year"},
            {"Arsverk": "fte"},
        ),
        Layout(
            "13982",
            "Population of catchment areas",
            "checks of catchments",
            {
                "HelseReg": "catchment",
                "HelseTjenomr": "service_area",
                "Kjonn": "sex",
                "Alder": "age",
                "Tid": "year",
            },
        ),
        Layout(
            "14824",
            "Somatic patients by residence, age and diagnosis",
            "use of somatic care",
            {"Region": "area", "Alder": "age_group", "Diagnose": "diagnosis", "Tid": "year"},
            {
                "Pasient": "patients",
                "PasientDognBeh": "inpatients",
                "PasientPolikl": "outpatients",
                "DognOpphold": "stays",
                "OppholdDogn": "bed_days",
                "DagBehandl": "day_treatments",
                "KontaktPolikl": "outpatient_contacts",
            },
            {"Kjonn": "0", "Aktor": "_T"},
        ),
        Layout(
            "14820",
            "Patients in mental health care of adults by residence and age",
            "use of mental health care",
            {"Region": "area", "Alder": "age_group", "Tid": "year"},
            {
                "Pasient": "patients",
                "PasientDognBeh": "inpatients",
                "OppholdDogn": "bed_days",
                "KontaktPolikl": "outpatient_contacts",
            },
            {"Kjonn": "0", "Aktor": "_T"},
        ),
        Layout(
            "07944",
            "Employed in health and social services by health care education and municipality",
            "stock of health personnel",
            {"Region": "area", "FagUtd": "education", "Sektor": "sector", "Tid": "year"},
            {"Sysselsatte": "persons"},
            assumed=True,
        ),
    )
}
