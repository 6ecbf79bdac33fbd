"""What the help of each command says, and its examples."""

from __future__ import annotations

__all__ = ["EXAMPLES", "HELP"]

# Shown under "Examples" in the help of each command, told in the reference, and run by the tests.
EXAMPLES: dict[str, tuple[str, ...]] = {
    "demo": ("framsyn demo", "framsyn demo --draws 200 --lang en --out out/demo"),
    "run": (
        "framsyn run plan",
        "framsyn run plan --level trust --quantity beds,staff_gap --years 2025,2035,2040",
        "framsyn run plan --switch bindal=false --control trust --month 2040 --out out/plan",
        "framsyn run demography --until 2050 --quantity need --json",
        "framsyn run plan --lever work_processes=-10 --quantity beds",
    ),
    "compare": (
        "framsyn compare demography plan",
        "framsyn compare trend plan --years 2030,2040 --quantity need,bed_days,beds --json",
    ),
    "explain": (
        "framsyn explain plan --quantity need --service-area SOM --year 2040",
        "framsyn explain demography plan --quantity bed_days --service-area SOM",
        "framsyn explain plan --quantity beds --service-area PHV --drivers",
    ),
    "reach": (
        "framsyn reach",
        "framsyn reach rup-2027.s10.g1 --over 0.6",
        "framsyn reach --scenario ambitious --json",
    ),
    "hindcast": ("framsyn hindcast", "framsyn hindcast --draws 200 --json"),
    "check": ("framsyn check", "framsyn check midt-norge --scenario plan --json"),
    "region build": (
        "framsyn region build helse-nord --out helse-nord",
        "framsyn region build helse-vest --out helse-vest --cache answers --offline",
        "framsyn region build raw --out my-region",
    ),
    "region refresh": (
        "framsyn region refresh helse-nord",
        "framsyn region refresh helse-nord --table population --write",
    ),
    "region diff": (
        "framsyn region diff midt-norge my-region",
        "framsyn region diff midt-norge my-region --table staff --json",
    ),
    "region check": ("framsyn region check", "framsyn region check helse-nord --json"),
    "region template": (
        "framsyn region template beds staff --out template.xlsx",
        "framsyn region template --region my-region --filled --language en --out tables.xlsx",
    ),
    "region export": (
        "framsyn region export midt-norge beds staff --out tables.xlsx",
        "framsyn region export midt-norge --out tables",
        "framsyn region export midt-norge --format parquet --out tables",
    ),
    "region import": (
        "framsyn region import tables.xlsx --region my-region",
        "framsyn region import beds.csv --region my-region --write",
        "framsyn region import tables --region my-region --replace --json",
    ),
    "region copy": ("framsyn region copy midt-norge --out my-region",),
    "levers": ("framsyn levers", "framsyn levers --scenario demography --json"),
    "sources": ("framsyn sources", "framsyn sources --json"),
    "cells example": ("framsyn cells example episodes.parquet --rows 20000",),
    "cells build": (
        "framsyn cells build --source episodes.parquet --out cells",
        "framsyn cells build --source episodes.parquet --out cells --people service,area,year",
    ),
    "cells export": (
        "framsyn cells export cells --by service,area,year --out stays.csv",
        "framsyn cells export cells --by age,sex --measure bed_days --method round --out ages.csv",
    ),
    "schema": ("framsyn schema", "framsyn schema > scenario.schema.json"),
    "serve": (
        "framsyn serve",
        "framsyn serve --demo --port 8010",
        "framsyn serve --data /srv/plan --workers 2",
    ),
    "createadmin": ("framsyn createadmin your-name",),
    "backup": ("framsyn backup plan-2027-01-15.zip",),
    "restore": ("framsyn restore plan-2027-01-15.zip --data another-folder",),
    "plan import": (
        "framsyn plan import plan.docx",
        "framsyn plan import plan.pdf --plan my-plan --out my-plan.toml",
        "framsyn plan import plan.docx --plan my-plan --organisation hmn --load",
    ),
    "followup remind": (
        "framsyn followup remind --dry-run",
        "framsyn followup remind --today 2027-01-15 --dry-run --json",
    ),
    "followup radar": ("framsyn followup radar", "framsyn followup radar --organisation sto --json"),
    "exchange export": (
        "framsyn exchange export plan.xlsx",
        "framsyn exchange export plan.xlsx --plan rup-2027 --language en",
    ),
    "exchange check": ("framsyn exchange check plan.xlsx", "framsyn exchange check plan.xlsx --json"),
    "exchange import": ("framsyn exchange import plan.xlsx",),
    "exchange fhir": (
        "framsyn exchange fhir reports.json",
        'framsyn exchange fhir reports.json --write --reason "Corrected by the registry"',
    ),
    "catalogue": (
        "framsyn catalogue --out catalogue.jsonld",
        "framsyn catalogue --check",
        "framsyn catalogue --data /srv/plan --address https://plan.example --out catalogue.jsonld",
    ),
    "export site": (
        "framsyn export site usb",
        "framsyn export site usb --scenario trend --lang nb,en",
        "framsyn export site usb --data /srv/plan --force",
    ),
    "audit seal": ("framsyn audit seal",),
    "audit head": ("framsyn audit head", "framsyn audit head --out heads-2027-01-15.json"),
    "audit verify": ("framsyn audit verify", "framsyn audit verify --heads heads-2027-01-15.json --json"),
}

HELP: dict[str, str] = {
    "demo": """Run the plan against pure demography and write report, workbook and data.

    Prints the plan's own table beside ours, the headline, the main results with 80% intervals and how an earlier
    projection would have fared; then writes the folder of --out (HTML report, Excel workbook, Parquet, manifest.json),
    whole or not at all. Ends by serving the plan on 127.0.0.1:8000, kept in framsyn-demo/, until it is stopped;
    FRAMSYN_NO_SERVE=1 leaves that out.""",
    "run": """Run one scenario and show its results with 80% intervals.

    SCENARIO is the name of one that the region ships, or the path of a .toml file.""",
    "compare": """Compare two scenarios draw by draw.

    Both are run with one seed, so chance that they share does not widen the interval of the difference. With
    --threshold the exit code is 1 when a difference is larger.""",
    "explain": """Say why a number changes: a waterfall that adds up exactly.

    With one scenario, from the base year to --year; with two, from the first to the second. The effects are those of
    the central run, shared out by Das Gupta's rule.""",
    "hindcast": """Project 2015 to 2025 and hold it against the count and a naive forecast.

    Tells the scores, which municipalities the 80% interval misses, the trusts, activity with its trend around the
    breaks in its series, and what came of the figures of the strategy of 2016.""",
    "reach": """Ask which goals of the plan can be reached.

    GOAL is the id of one, which is then told with what moves it and the fewest measures that lift it over --over. The
    chance is the share of the draws that meet the target in the year of the deadline. With --keep the site's own plan
    is asked, and its pages show the answers.""",
    "check": """Check a region and its scenarios.

    REGION is the name of one that comes along, or a folder. The exit code is 1 when something would make a run wrong.""",
    "sources": """List the public figures that Framsyn reads, from which tables and services.

    With --find WORDS the titles of Statistics Norway's StatBank are searched, for a table that has moved; the exit
    code is 1 when none has the words.""",
    "levers": """List the levers of the explorer: what planners move, where it stands and what it moves.

    A lever has the name of its assumption. `framsyn run plan --lever NAME=NUMBER` runs a moved one.""",
    "region build": """Build a region folder from the public sources, or from a folder of raw tables.

    NAME is a health authority: helse-nord, helse-midt-norge, helse-vest or helse-sor-ost. What no source
    gives is assumed, marked so and listed as a gap. Answers are kept; --offline builds from them alone.
    The folder of --out appears whole or not at all; what is in it and not built here, such as scenarios, stays.""",
    "region refresh": """Fetch the sources of a region again and show what changed: old, new, and which source.

    Writes only with --write, or after a yes on a terminal. Assumptions and the region's own tables stay
    as they are. Exit code 1 means that there are changes and nothing was written.""",
    "region diff": """Show what differs between two regions: a summary by table, then old and new by key.

    Exit code 1 means that they differ.""",
    "region check": """Check a region against the sums that its sources state, and list its gaps.

    A gap is what no source gives: what is missing, why, who owns it and how to close it.""",
    "region template": """Write a workbook to fill in: a sheet per table, with choices, limits and explanations.

    TABLES are names such as beds and staff; all if left out. The sheet of sources always comes along.""",
    "region export": """Write the tables of a region as a workbook, or as CSV or Parquet files of a folder.

    What comes back unchanged gives no difference. The sources always come along.""",
    "region import": """Show what files would change in a region, and every cell that is wrong; with --write, change it.

    Workbooks, CSV (comma, semicolon or tab) and Parquet. A row is known by its key; a row that the
    file lacks stays, unless --replace takes it out. The region changes as a whole or not at all.
    Exit code 1 means that cells are wrong and nothing was written.""",
    "region copy": """Copy a region to a folder of your own.

    A region that comes along with the program is never written to.""",
    "cells example": """Write made-up episodes to try with.

    In the registry's form and seeded; one in a hundred people has a fifth of all use, as the plan
    says of real use.""",
    "cells build": """Add episodes of care up to cells, where the rows lie.

    Rows never leave the query: what is kept are counts by service, level, age, sex, municipality
    and month, in a folder that its owner alone can read, with a report on what was left out.""",
    "cells export": """Write a table out of cells, small counts protected.

    With all its totals. What is hidden is attacked before anything is written: when an entry can
    be worked out from the others, nothing is.""",
    "schema": """Print the JSON Schema of a scenario file.

    For editors that complete and check TOML.""",
    "serve": """Serve the plan as a web site until it is stopped.

    The database is brought up to date first. Everything that differs between machines comes from
    the environment: DATABASE_URL, FRAMSYN_HOSTS, FRAMSYN_HTTPS and more, see the how-to "Run the site".""",
    "createadmin": """Add an administrator who may log in to the site.

    The password is asked for, or read from FRAMSYN_ADMIN_PASSWORD.""",
    "backup": """Write everything that the site holds into one file.

    It is consistent, also while people work; only its owner may read it.""",
    "restore": """Fill an empty database from a backup.

    The file is checked first, and restored whole or not at all; one of an older version is brought up to date. It may
    be of either database, SQLite or PostgreSQL.""",
    "followup remind": """Write and send the letters of a day.

    For a timer of the system; a site that is being served does it by itself. Everybody gets one letter a day at most,
    and is never reminded twice of the same step. The exit code is 1 when the mail server took no letters.""",
    "followup radar": """Show whose things stand still.

    Counts what is overdue, was never updated, has an owner who has left, or has no owner, and lists what is overdue.""",
    "plan import": """Read a plan from Word, PDF, HTML, Markdown or text, and show what was found.

    Main goals, sections, goals, ambitions, challenges and tables, what to look at, and the text
    left over: no word is dropped. With --out it is written as a content file, with --load it
    becomes a draft on the site, whole or not at all.""",
    "exchange export": """Write goals, indicators, figures and measures into a workbook.

    It has drop-down lists, a data dictionary, and what the way back needs.""",
    "exchange check": """Show what a workbook would change, and every cell that is wrong.

    Nothing is changed. The exit code is 1 when a cell is wrong, or a row has been changed by others too.""",
    "exchange import": """Change in the plan what a workbook changes, all of it or nothing.

    Every row goes through the checks of the site's forms, and stands in the log.""",
    "exchange fhir": """Show what the MeasureReports of a FHIR document would change.

    Figures by place and period, of indicators that are defined here; a report that tells of persons is
    refused whole. Nothing is changed before --write; then all of it is, or nothing, and it stands in the log.""",
    "catalogue": """Write a catalogue of every table, for other catalogues to read.

    DCAT-AP-NO as JSON-LD, in three languages: source, licence, files, place and time of each table. A site
    gives the same out at /catalogue.jsonld. With --check the exit code is 1 when something is missing.""",
    "export site": """Write the results of a scenario as a folder that opens without a server.

    Charts, tables, stories, assumptions, sources and data files in the chosen languages, with no address outside the
    folder: it opens from a USB stick. The folder appears whole or not at all.""",
    "audit seal": """Seal what the log of changes holds.

    A running site does so by itself, soon after every change; this looks at the whole log.""",
    "audit head": """Print the end of every chain of the log.

    Kept elsewhere, or printed in the papers of a board, it shows later that nothing was cut off.""",
    "audit verify": """Check that the log of changes is whole.

    Finds what was changed, removed, put in, moved or cut off, and tells its place. The exit code
    is 1 when something is wrong. Heads in the data folder are used, and those of --heads as well.""",
}
