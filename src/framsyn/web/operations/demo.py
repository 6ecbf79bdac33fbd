"""The demo: the plan of Midt-Norge, its outlook, and logins that everybody knows."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from django.contrib.auth import get_user_model

from framsyn.web.accounts.actions import add_user

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from framsyn.outlook.result import Outlook
    from framsyn.web.actions import Actor

__all__ = ["LOGINS", "content_folder", "load", "reach", "store"]


class Login(NamedTuple):
    """A login of the demo."""

    username: str
    password: str
    role: str


# Shown on the login page of the demo and made nowhere else.
LOGINS = (
    Login("demo-reader", "look-around-2040", "reader"),
    Login("demo-contributor", "draft-the-plan-2040", "contributor"),
    Login("demo-owner", "report-in-a-minute-2040", "owner"),
    Login("demo-editor", "write-the-plan-2040", "editor"),
    Login("demo-approver", "publish-the-plan-2040", "approver"),
    Login("demo-preparedness", "be-ready-by-2040", "preparedness"),
    Login("demo-administrator", "decide-the-plan-2040", "administrator"),
)


def content_folder(region: str = "midt-norge") -> Path:
    """Return the folder of a region's plan content."""
    return Path(str(files("framsyn") / "regions" / region / "plan"))


def load(actor: Actor) -> None:
    """Load the plan and the logins; what is there already stays."""
    from framsyn.web.followup.demo import give_to_owner
    from framsyn.web.operations.load import load_content

    load_content(actor, content_folder())
    known = set(get_user_model().objects.values_list("username", flat=True))
    for login in LOGINS:
        if login.username not in known:
            add_user(actor, login.username, login.password, role=login.role)
    give_to_owner(actor)


def store(actor: Actor, outlooks: Sequence[Outlook]) -> None:
    """Store outlooks, the main one first, the one that it is held against next."""
    from framsyn.web.outlooks.store import store_run

    main, *others = outlooks
    for other in others:
        store_run(actor, other)
    store_run(actor, main, main=True, baseline=others[0].id if others else None)


def reach(actor: Actor, outlook: Outlook, progress: Callable[[int, int], None] | None = None) -> None:
    """Ask which goals can be reached under the main outlook's scenario, and keep the answers; few draws are enough."""
    from framsyn.web.attainment.store import DRAWS, ask, keep

    draws = min(outlook.manifest["draws"], DRAWS)
    keep(actor, ask(outlook.region, outlook.scenario, draws=draws, progress=progress))
