"""What is known of ships about one fault: who passed the asset when and how, who was silent near it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from seavigil.fault import Fault
from seavigil.vessel import Static


@dataclass(frozen=True)
class Sign:
    """One thing a ship did about a passage, or that is known of her: a code and, where it has one, its size.

    ``observed`` and ``expected`` are in ``unit``. ``episode``: id of the event that shows it; ``span_us``:
    from when to when the rows of her log lie that show it. By them the same thing is known again about
    another of her passages.
    """

    code: str
    observed: float = 1.0
    expected: float | None = None
    unit: str = "1"
    episode: str | None = None
    span_us: tuple[int, int] | None = None

    def same_as(self, other: Sign) -> bool:
        """Whether both are one and the same thing that she did, though about two passages."""
        if self.episode is not None and self.episode == other.episode:
            return True
        if self.code != other.code or self.span_us is None or other.span_us is None:
            return False
        return self.span_us[0] <= other.span_us[1] and other.span_us[0] <= self.span_us[1]


@dataclass(frozen=True)
class Seen:
    """Where a ship was last heard as of the inquiry; speed and course None where she did not tell them."""

    at_us: int
    lat_deg: float
    lon_deg: float
    sog_kn: float | None
    cog_deg: float | None


@dataclass(frozen=True)
class Presence:
    """One passage of one ship over or alongside the asset, or one silence in which she could have been there.

    A passage: she was over the charted line, or nearest to it, at ``crossed_at_us``, known to within
    ``crossed_within_s`` to either side, at kilometre ``km_along``, ``distance_m`` off; the true asset lay
    under her with ``probability_over``. ``sog_kn`` is her speed there, ``angle_deg`` the angle to the line.

    A silence (``dark``): she can have been there at any time from ``crossed_at_us`` -
    ``crossed_within_s`` to + ``crossed_within_s``; ``probability_over`` is how likely she went there.
    """

    ship: Static
    vessel_id: str
    crossed_at_us: int
    crossed_within_s: float
    probability_over: float
    distance_m: float = 0.0
    km_along: float | None = None
    sog_kn: float | None = None
    angle_deg: float | None = None
    dark: bool = False
    signs: tuple[Sign, ...] = ()

    @property
    def mmsi(self) -> int:
        """The number she sends under."""
        return self.ship.mmsi

    @property
    def crossed(self) -> bool:
        """Whether she was over the charted line, or within the area; else she only came near it."""
        return not self.dark and self.distance_m <= 0.0


@dataclass(frozen=True)
class Sight:
    """What could be seen about one fault at ``as_of_us``: every passage of its asset in the hours looked at.

    The hours are ``began_us`` to ``ended_us``, of which nothing was heard for ``quiet_s``. ``sigma_m``:
    standard deviation of the asset's charted place. ``length_km``: of its route, None where it is no line.
    ``heard``: share of the time bins of the fault, and of the places where it may lie, that anybody was heard
    in; None: nothing is known of it. ``silences``: from when to when nothing at all was heard, anywhere,
    while it may have happened. ``on_land``: whether the place given lies on land; None: not known.
    ``disturbed``: satellite navigation was degraded there. ``elsewhere``: passages of the other assets, for
    comparison. ``last``: where each ship was heard last.
    """

    fault: Fault
    as_of_us: int
    began_us: int
    ended_us: int
    sigma_m: float
    length_km: float | None
    heard: float | None
    on_land: bool | None
    disturbed: bool = False
    presences: tuple[Presence, ...] = ()
    elsewhere: tuple[Presence, ...] = field(default=(), repr=False)
    silences: tuple[tuple[int, int], ...] = ()
    last: Mapping[str, Seen] = field(default_factory=dict, repr=False)
    quiet_s: float = 0.0

    @property
    def hours_s(self) -> float:
        """How long was listened to, in seconds: hours in which nobody was heard tell of no chance."""
        return (self.ended_us - self.began_us) / 1e6 - self.quiet_s
