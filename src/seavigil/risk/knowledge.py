"""What the runner knows around one event when it is assessed: nothing later than the event itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Knowledge:
    """What is known around one event, as of its ``known_at_us``; None: not known.

    ``ahead``: assets that the ship reaches within the hour on her present course and speed, each
    with the seconds until then (below zero: she would be over it already), soonest first. ``sigma_m``:
    standard deviation of the event's asset. ``small_craft``: class B. ``depth_m``: of the water there.
    ``anchor_reach_m``: how deep the anchor of a ship of her size and type reaches.

    The place: ``in_anchorage``, ``in_pilot_area``, ``pilot_boat_near``, ``port_m`` (distance to the nearest
    port, infinite where none is near), ``slow_share`` (of the ships there that go well below their own
    speed, learned from history). The sea: ``wave_m`` and ``sea_speed_share`` (of her calm-water speed that
    the weather leaves her). The others: ``peers`` ships under way around her make ``peers_speed_share`` of
    their own usual speeds. ``own_sog_kn``: her own usual speed. ``gnss_degraded``: whether positions there
    are falsified or lost.
    """

    ship_type: int | None = None
    ahead: tuple[tuple[str, float], ...] = ()
    sigma_m: float = 0.0
    small_craft: bool = False
    depth_m: float | None = None
    anchor_reach_m: float | None = None
    in_anchorage: bool | None = None
    in_pilot_area: bool | None = None
    pilot_boat_near: bool | None = None
    port_m: float | None = None
    slow_share: float | None = None
    wave_m: float | None = None
    sea_speed_share: float | None = None
    peers: int = 0
    peers_speed_share: float | None = None
    own_sog_kn: float | None = None
    gnss_degraded: bool | None = None

    @property
    def anchor_reaches(self) -> bool | None:
        """Whether her anchor reaches the ground there; None where depth or size is not known."""
        if self.depth_m is None or self.anchor_reach_m is None:
            return None
        return self.depth_m <= self.anchor_reach_m
