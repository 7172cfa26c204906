"""The sea as routes ask about it: one for each app, made when it is first asked for."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, cast

from fastapi import Request

if TYPE_CHECKING:
    from seavigil.api.context import Context
    from seavigil.runners.sea import Sea

_LOCK = threading.Lock()


def sea_of(request: Request) -> Sea:
    """Give the rows, ships and findings of this watch: a dependency of routes."""
    from seavigil.runners.sea import Sea
    from seavigil.store.sightings import Fresh

    state = request.app.state
    with _LOCK:
        if not hasattr(state, "sea"):
            context = cast("Context", state.context)
            fresh = context.service if isinstance(context.service, Fresh) else None
            state.sea = Sea(context.days, context.store.found, context.service.plan, fresh)
            threading.Thread(target=state.sea.warm, name="sea", daemon=True).start()
        return cast("Sea", state.sea)
