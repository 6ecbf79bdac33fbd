"""Results on disk: written beside the target first, then put in place in one rename."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from framsyn.errors import PlanError
from framsyn.outlook.quantiles import QUANTILES, sorted_quantiles
from framsyn.quantities import Quantity, quantities
from framsyn.region import arrays

if TYPE_CHECKING:
    from framsyn.outlook.result import Outlook

__all__ = ["check_target", "replace_directory", "write_atomically", "write_parquet"]

MARK = "manifest.json"
OLD = ".old"  # ends the hidden name of results that are being replaced


def write_atomically(path: Path, write: Callable[[Path], None]) -> Path:
    """Write one file so that a reader sees the old one or the new one, never a half.

    Parameters
    ----------
    path : Path
    write : callable
        Called with a temporary path in the same folder.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        write(temporary)
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def check_target(target: Path) -> Path:
    """Return the absolute path of a folder that may be written: a new one, an empty one, or one that Framsyn wrote.

    What a killed run had moved aside is put back first, see :func:`put_back`.

    Raises
    ------
    PlanError
        ``not-a-folder``, or ``folder-not-ours`` when the target holds something else (it has no manifest).
    """
    target = target.absolute()
    put_back(target)
    if target.exists() and not target.is_dir():
        message = f"{target} is a file; results need a folder. Name another one."
        raise PlanError("not-a-folder", message, got=str(target))
    if target.is_dir() and any(target.iterdir()) and not (target / MARK).exists():
        message = f"{target} holds files that Framsyn did not write (no {MARK}); they would be lost. Name an empty folder."
        raise PlanError("folder-not-ours", message, got=str(target))
    return target


@contextmanager
def replace_directory(target: Path) -> Iterator[Path]:
    """Give an empty folder to fill; on success it takes the target's place, on failure nothing has changed.

    Only a folder that Framsyn wrote is replaced, see :func:`check_target`, which also tells the errors. Between the
    two renames at the end the old results have a hidden name beside the target; whoever is stopped there, by an error
    or an interrupt, puts them back, and after a kill the next use of the target does.
    """
    target = check_target(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    old = fresh.with_name(fresh.name + OLD)
    try:
        yield fresh
        fresh.chmod(0o755)
        if target.exists():
            target.replace(old)
        fresh.replace(target)
    finally:
        put_back(target)
        shutil.rmtree(fresh, ignore_errors=True)
        for copy in set_aside(target):
            shutil.rmtree(copy, ignore_errors=True)


def set_aside(target: Path) -> list[Path]:
    """Folders beside a target that :func:`replace_directory` moved out of the way, the newest last."""
    hidden = re.compile(rf"\.{re.escape(target.name)}\.[^.]+{re.escape(OLD)}")
    beside = target.parent.iterdir() if target.parent.is_dir() else ()
    return sorted(filter(Path.is_dir, (path for path in beside if hidden.fullmatch(path.name))), key=age)


def age(path: Path) -> int:
    """Time of a folder's last change [ns]."""
    return path.stat().st_mtime_ns


def put_back(target: Path) -> None:
    """Give a missing target the folder that was moved out of its way; do nothing where the target stands."""
    if not target.exists() and (copies := set_aside(target)):
        copies[-1].replace(target)


def tidy_trusts(outlook: Outlook) -> pd.DataFrame:
    """Return stored quantiles and the central value of every quantity, one row per cell."""
    frames = []
    for rule in quantities().values():
        for draws, central in zip(
            shown_by_trust(outlook.trusts[rule.name]), shown_by_trust(outlook.central[rule.name]), strict=True
        ):
            frames.append(tidy_quantity(rule, draws, central))
    table = pd.concat(frames, ignore_index=True)
    for column in ("trust", "service", "service_area", "level", "profession", "emission_source"):
        table[column] = table[column].astype("string")
    return table


def shown_by_trust(values: xr.DataArray) -> list[xr.DataArray]:
    """Parts of a quantity as they may be shown by trust: no difference between trusts that only an assumption made."""
    name = str(values.name)
    if name == "population":
        return [values.sum(("sex", "age"))]
    if name == "patients":  # unique patients of the other service areas are not published
        return [values.sel(service_area=["SOM", "PHV"])]
    if "profession" in values.dims and "trust" in values.dims:
        known = np.isin(values["profession"].values, arrays.PUBLISHED_PROFESSIONS)
        return [values.isel(profession=known), values.isel(profession=~known).sum("trust")]
    return [values]


def tidy_quantity(rule: Quantity, values: xr.DataArray, central: xr.DataArray) -> pd.DataFrame:
    """Return one quantity's stored quantiles and central value, one row per cell."""
    dims = [dim for dim in values.dims if dim != "draw"]
    found = sorted_quantiles(values.transpose("draw", *dims).values)
    index = pd.MultiIndex.from_product([values[dim].values for dim in dims], names=dims).to_frame(index=False)
    index.insert(0, "quantity", rule.name)
    index["unit"] = rule.unit
    index["central"] = central.transpose(*dims).values.ravel()
    for level, row in zip(QUANTILES, found, strict=True):
        index[f"q{round(level * 100):02d}"] = row.ravel()
    return index


def tidy_areas(outlook: Outlook) -> pd.DataFrame:
    """Return stored quantiles by municipality, one row per cell."""
    frames = []
    for name, values in outlook.areas.data_vars.items():
        dims = [dim for dim in values.dims if dim != "quantile"]
        index = pd.MultiIndex.from_product([values[dim].values for dim in dims], names=dims).to_frame(
            index=False
        )
        index.insert(0, "quantity", str(name))
        for level, row in zip(
            values["quantile"].values, values.transpose("quantile", *dims).values, strict=True
        ):
            index[f"q{round(level * 100):02d}"] = row.ravel()
        frames.append(index[np.isfinite(index["q50"])])
    table = pd.concat(frames, ignore_index=True)
    table["service_area"] = table["service_area"].astype("string")
    return table


def write_parquet(outlook: Outlook, directory: Path) -> Path:
    """Write ``trusts.parquet``, ``areas.parquet``, ``scenario.toml`` and ``manifest.json`` to a folder, all or nothing."""
    with replace_directory(directory) as fresh:
        fill(outlook, fresh)
    return directory


def fill(outlook: Outlook, folder: Path) -> None:
    """Write the files of a run into an empty folder."""
    tidy_trusts(outlook).to_parquet(folder / "trusts.parquet", index=False)
    tidy_areas(outlook).to_parquet(folder / "areas.parquet", index=False)
    (folder / "scenario.toml").write_text(outlook.scenario.to_toml(), encoding="utf-8")
    (folder / MARK).write_text(
        json.dumps(outlook.manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
