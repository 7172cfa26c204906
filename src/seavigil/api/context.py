"""What every route works with: the watch, its store, who asks, and what that viewer may see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from fastapi import HTTPException, Request

from seavigil.api.access import Access
from seavigil.api.labels import Sees
from seavigil.api.view import ServiceView
from seavigil.sharing import Viewer
from seavigil.store.database import Database
from seavigil.store.days import DayFiles
from seavigil.store.trail import Entry


@dataclass(frozen=True)
class Context:
    """One watch with all that its web interface needs. ``settings``: what it runs with, without secrets."""

    service: ServiceView
    store: Database
    access: Access
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def days(self) -> DayFiles:
        """The rows by day."""
        return DayFiles(self.service.folder)

    def audit(
        self, request: Request, what: str, about: str | None = None, outcome: str = "done", **detail: Any
    ) -> None:
        """Write down that the one who asks did something, or tried: on return it survives a power cut.

        ``what``: a word or two, as ``alert close``; ``about``: an id; ``outcome``: ``done``, ``asked``,
        ``refused``... Never give it a password or a token. It waits for the store: call it from a plain route
        or in a thread. Raises ``OSError`` where it cannot be written: then do not do it.
        """
        viewer = viewer_of(request)
        self.note(request, viewer.name, what, about, outcome, viewer=viewer, **detail)

    def note(
        self,
        request: Request,
        who: str,
        what: str,
        about: str | None = None,
        outcome: str = "done",
        *,
        viewer: Viewer | None = None,
        **detail: Any,
    ) -> None:
        """Write down what somebody did who is not known yet, as one who signs in. See `audit`."""
        self.store.trail.add(
            Entry(
                at_us=self.access.now_us(),
                who=who,
                what=what,
                outcome=outcome,
                role=viewer.role if viewer is not None else None,
                organisation=viewer.organisation if viewer is not None else None,
                address=request.client.host if request.client is not None else None,
                about=about,
                detail=detail,
            )
        )

    def refused(self, request: Request, who: str, what: str, **detail: Any) -> None:
        """Write down that somebody who is not known was refused, or count it where that is too often."""
        address = request.client.host if request.client is not None else ""
        left_out = self.access.refusals.left_out(address)
        if left_out is not None:
            more = detail | ({"not_written_before": left_out} if left_out else {})
            self.note(request, who, what, outcome="refused", **more)


def viewer_of(request: Request) -> Viewer:
    """Give who asks, as the guard found: a dependency of routes."""
    return cast("Viewer", request.state.viewer)


def requires(role: str) -> Callable[[Request], Viewer]:
    """Give a dependency that lets only those through who may do what ``role`` may."""

    def check(request: Request) -> Viewer:
        viewer = viewer_of(request)
        if not viewer.can(role):
            raise HTTPException(403, f"this takes the role {role}; {viewer.name} is {viewer.role}")
        return viewer

    return check


def requires_house(role: str) -> Callable[[Request], Viewer]:
    """Give a dependency as `requires`, that lets only people of the house itself through."""
    of_role = requires(role)

    def check(request: Request) -> Viewer:
        viewer = of_role(request)
        if viewer.organisation is not None:
            raise HTTPException(403, f"this is for the house alone; {viewer.name} is of an organisation")
        return viewer

    return check


def sees_of(request: Request) -> Sees:
    """Give what the one who asks may see: a dependency of routes."""
    context = cast("Context", request.app.state.context)
    return context.access.sees(viewer_of(request), context.service.plan.assets, context.store)
