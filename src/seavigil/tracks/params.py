"""What the track keeper may be told; every default with its source."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class TrackParams:
    """Settings of ``Tracker``. Raises ``ValueError`` for a value below zero or a limit of zero.

    Class A reports every 2 s to 3 min, class B every 5 s to 3 min (ITU-R M.1371-5, annex 1,
    tables 1 and 2); every position report carries the UTC second of its fix.
    """

    #: A row waits until the data is this much further: aggregated feeds are out of order by seconds
    #: (in the Danish network recordings 99.9 % of repeats come within 3 s of the first).
    reorder_delay_s: float = 60.0
    #: A row this far ahead of everything heard is in doubt (twice the longest wait for a fix of a
    #: healthy station; the smallest wrong time zone is 30 min off).
    clock_ahead_s: float = 600.0
    #: A leap in time is believed when so many rows in a row, in order of arrival, are ahead.
    clock_rows: int = 20
    #: At the end of the input a few rows ahead are believed up to this far, a wrong clock beyond.
    end_leap_s: float = 7 * 86_400.0
    #: With a receive time one can trust, a row may not be later than it by more than this.
    max_ahead_of_receipt_s: float | None = None
    #: A live row within this of its receipt has a right clock, one later by more a wrong one: nothing comes
    #: before it was sent, and beyond a minute feeds are told to be off their clock (own choice).
    receipt_slack_s: float = 60.0
    #: Equal payloads this close are one message. The payload holds the second of the fix, so a
    #: ship cannot send it again within 60 s; stations' clocks differ by less than half of that.
    duplicate_window_s: float = 30.0
    #: A row whose payload was heard within this time and that fits no ship is an echo: a station
    #: in the FRIO recording repeats messages 1,016 s late.
    echo_memory_s: float = 1800.0
    #: Above what a ship with a class A transceiver can do: the fastest ferry makes 58 kn
    #: (HSC Francisco, trials), the fastest corvettes some 60 kn (Skjold class).
    top_speed_class_a_kn: float = 65.0
    #: Above what a class B craft can do: offshore power boats reach some 85 kn.
    top_speed_class_b_kn: float = 90.0
    #: How far two good positions may lie off: GNSS without correction (tens of metres) and two
    #: antennas on one long ship (up to 350 m apart, seldom more than 200 m).
    position_slack_m: float = 200.0
    #: How far the times of two rows may be off: receipt stands for the fix in most feeds.
    time_slack_s: float = 5.0
    #: A step is explained by this ratio of the greater SOG at its ends, plus ``sog_margin_kn``.
    sog_ratio: float = 1.5
    sog_margin_kn: float = 5.0
    #: Stands for a SOG that is missing or impossible, and, in a step longer than
    #: ``gap_s``, for one lower: a ship at rest at both ends may have sailed between.
    usual_top_kn: float = 20.0
    gap_s: float = 600.0
    #: A ship is believed to be elsewhere after so many rows there over at least so long.
    confirm_rows: int = 3
    confirm_s: float = 60.0
    #: A second ship is believed after so many rows over so long: satellite receivers repeat rows of
    #: the one ship with times minutes to hours off.
    new_ship_rows: int = 6
    new_ship_s: float = 300.0
    #: A candidate silent for this long is given up.
    candidate_keep_s: float = 1800.0
    #: At most so many candidates and ships under one MMSI (vessel_part has 8 bits).
    max_candidates: int = 4
    max_parts: int = 8
    #: An MMSI silent for this long begins anew.
    forget_after_s: float = 24 * 3600.0
    #: Beyond so many MMSIs at once the longest silent are forgotten early.
    max_vessels: int = 500_000

    def __post_init__(self) -> None:
        for f in fields(self):
            value = getattr(self, f.name)
            if value is not None and not value >= 0:
                raise ValueError(f"{f.name} is {value}; it must not be below zero")
        for name in (
            "clock_rows",
            "confirm_rows",
            "new_ship_rows",
            "max_candidates",
            "max_parts",
            "max_vessels",
        ):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be at least 1")
        if self.max_parts > 255:
            raise ValueError(f"max_parts is {self.max_parts}; vessel_part holds at most 255")


def us(seconds: float) -> int:
    """Give seconds as whole microseconds."""
    return round(seconds * 1_000_000)
