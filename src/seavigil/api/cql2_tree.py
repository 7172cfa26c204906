"""The tree of a CQL2 filter, and what is wrong with one."""

from __future__ import annotations

from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry


class FilterFault(ValueError):
    """A filter that cannot be read, or not be asked here; the message says where and why."""

    def __init__(self, at: int, what: str) -> None:
        super().__init__(f"filter, at character {at + 1}: {what}")


@dataclass(frozen=True)
class Property:
    """A value of the feature."""

    name: str
    at: int


@dataclass(frozen=True)
class Literal:
    """A text, number or truth value; ``escaped`` tells of a text which characters stand for themselves."""

    value: str | float | bool
    at: int
    escaped: tuple[bool, ...] = ()


@dataclass(frozen=True)
class Instant:
    """A moment; of a date, ``day`` is set and it is the day's beginning."""

    time_us: int
    at: int
    day: bool = False


@dataclass(frozen=True)
class Interval:
    """From one moment to another, both included; None leaves an end open."""

    begin: Property | Instant | None
    end: Property | Instant | None
    at: int


@dataclass(frozen=True)
class Shape:
    """A geometry in longitude and latitude."""

    geometry: BaseGeometry
    at: int


@dataclass(frozen=True)
class Array:
    """Several values."""

    items: tuple[Node, ...]
    at: int


@dataclass(frozen=True)
class Call:
    """An operation on others: AND, OR, NOT, a comparison, LIKE, BETWEEN, IN, NULL, CASEI, S_.., T_.., A_.."""

    what: str
    of: tuple[Node, ...]
    at: int


Node = Property | Literal | Instant | Interval | Shape | Array | Call
