"""A reader of vector tiles, written from the specification and not from our writer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

Point = tuple[int, int]


@dataclass(frozen=True)
class Layer:
    """One layer: its extent, the type of its only feature (2 lines, 3 polygons) and the paths of it."""

    name: str
    version: int
    extent: int
    kind: int
    paths: tuple[tuple[Point, ...], ...]

    def polygons(self) -> list[list[tuple[Point, ...]]]:
        """Rings with their holes: an outer ring has a positive area by the surveyor's formula (4.3.4.4)."""
        found: list[list[tuple[Point, ...]]] = []
        for path in self.paths:
            if surveyed(path) > 0:
                found.append([path])
            else:
                found[-1].append(path)
        return found


def surveyed(path: tuple[Point, ...]) -> float:
    """Half the sum of x1 y2 - x2 y1 over the closed path."""
    ahead = (*path[1:], path[0])
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(path, ahead, strict=True)) / 2


def read(tile: bytes) -> dict[str, Layer]:
    """Read a tile: layer name to layer."""
    layers = [_layer(held) for number, held in _fields(tile) if number == 3]
    return {layer.name: layer for layer in layers}


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        value, at = _varint(data, at)
        if key & 7 == 2:
            yield key >> 3, data[at : at + value]
            at += value
        else:
            assert key & 7 == 0
            yield key >> 3, value


def _layer(data: bytes) -> Layer:
    held = dict(_fields(data))
    feature = dict(_fields(held[2]))
    return Layer(held[1].decode(), held[15], held[5], feature[3], tuple(_paths(feature[4])))


def _paths(data: bytes) -> Iterator[tuple[Point, ...]]:
    numbers, at = [], 0
    while at < len(data):
        number, at = _varint(data, at)
        numbers.append(number)
    x = y = at = 0
    path: list[Point] = []
    while at < len(numbers):
        command, count, at = numbers[at] & 7, numbers[at] >> 3, at + 1
        if command == 7:
            continue
        if command == 1:
            if path:
                yield tuple(path)
            path = []
        for _ in range(count):
            x += (numbers[at] >> 1) ^ -(numbers[at] & 1)
            y += (numbers[at + 1] >> 1) ^ -(numbers[at + 1] & 1)
            at += 2
            path.append((x, y))
    yield tuple(path)
