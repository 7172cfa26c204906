"""What every route works with: the watch, its store, who asks, and what that viewer may see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from fastapi import HTTPException, Request

from seavigil.api.access import Access
from seavigil.api.labels import Sees
from seavigil.api.view import ServiceView
from seavigil.sharing import Viewer
from seavigil.store.database import Database
from seavigil.store.days import DayFiles


@dataclass(frozen=True)
class Context:
    """One watch with all that its web interface needs."""

    service: ServiceView
    store: Database
    access: Access

    @property
    def days(self) -> DayFiles:
        """The rows by day."""
        return DayFiles(self.service.folder)


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


def sees_of(request: Request) -> Sees:
    """Give what the one who asks may see: a dependency of routes."""
    context = cast("Context", request.app.state.context)
    return Sees(viewer_of(request), context.access.labels(context.service.plan.assets, context.store))
