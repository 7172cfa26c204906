"""The catalogue of behaviours: one file each, one line here."""

from __future__ import annotations

from seavigil.behaviours import (
    anchor_drag_under_way,
    anchored_near,
    asset_following,
    crossing,
    dragging_at_anchor,
    drifting,
    gone_dark,
    identity_conflict,
    loitering,
    position_spoofed,
    rendezvous,
    repeated_crossing,
    slow_crossing,
    speed_out_of_class,
    sudden_stop,
    survey_pattern,
    trawling_over,
    unusual_route,
    watchlisted_near,
    zigzag,
)
from seavigil.behaviours.detect import Behaviour, Detected, detect
from seavigil.behaviours.stored import store_by_name
from seavigil.behaviours.surroundings import Surroundings

CATALOGUE: tuple[Behaviour, ...] = (
    crossing.BEHAVIOUR,
    drifting.BEHAVIOUR,
    loitering.BEHAVIOUR,
    anchored_near.BEHAVIOUR,
    gone_dark.BEHAVIOUR,
    anchor_drag_under_way.BEHAVIOUR,
    dragging_at_anchor.BEHAVIOUR,
    sudden_stop.BEHAVIOUR,
    slow_crossing.BEHAVIOUR,
    repeated_crossing.BEHAVIOUR,
    asset_following.BEHAVIOUR,
    survey_pattern.BEHAVIOUR,
    zigzag.BEHAVIOUR,
    trawling_over.BEHAVIOUR,
    rendezvous.BEHAVIOUR,
    speed_out_of_class.BEHAVIOUR,
    unusual_route.BEHAVIOUR,
    identity_conflict.BEHAVIOUR,
    position_spoofed.BEHAVIOUR,
    watchlisted_near.BEHAVIOUR,
)

store_by_name(CATALOGUE)

__all__ = ["CATALOGUE", "Behaviour", "Detected", "Surroundings", "detect"]
