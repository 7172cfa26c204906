"""Which assets each feed hears ships near: what a feed that dies leaves blind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seavigil.assets import Assets
from seavigil.normal.coverage import cell_of
from seavigil.records import NEVER_US

I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True)
class AssetCells:
    """The cells (some 11 km) along each asset. ``cells``: sorted, each once; ``asset``, ``cell``: pairs of
    positions in ``assets`` and ``cells``, in order of the asset.
    """

    assets: tuple[tuple[str, str, str], ...]
    cells: I64
    asset: I64
    cell: I64


def cells_of(assets: Assets | None) -> AssetCells:
    """Give the cells along assets, as the summary of a run counts them."""
    from seavigil.runners.summary import cells_along

    every = [] if assets is None else list(assets)
    along = [np.array(sorted(cells_along(a.geometry)), dtype=np.int64) for a in every]
    names = tuple((a.asset_id, a.name, a.kind) for a in every)
    asset = np.repeat(np.arange(len(every)), [len(a) for a in along])
    joined = np.concatenate([*along, np.zeros(0, dtype=np.int64)])
    cells, cell = np.unique(joined, return_inverse=True)
    return AssetCells(names, cells, asset, np.asarray(cell, dtype=np.int64))


class HeardAssets:
    """When one feed last heard a ship near each asset; moves with ``tick`` only, so pieces may be cut."""

    def __init__(self, along: AssetCells) -> None:
        self._along = along
        self._last_us = np.full(len(along.cells), NEVER_US, dtype=np.int64)
        self._now = np.zeros(len(along.cells), dtype=np.bool_)

    def heard(self, reports: pa.Table) -> None:
        """Take decoded reports (REPORTS); those without a usable position say nothing."""
        if not len(self._along.cells):
            return
        lat, lon = (reports[name].to_numpy(zero_copy_only=False) for name in ("lat_deg", "lon_deg"))
        sound = (np.abs(lat) <= 90.0) & (np.abs(lon) <= 180.0)  # false for what is missing
        cells = np.unique(cell_of(lat[sound], lon[sound]))
        at = np.minimum(np.searchsorted(self._along.cells, cells), len(self._along.cells) - 1)
        self._now[at[self._along.cells[at] == cells]] = True

    def tick(self, at_us: int, *, judged: bool = True) -> None:
        """Date what was heard since the last tick; what was heard and could not be judged is let go."""
        if judged:
            self._last_us[self._now] = at_us
        self._now[:] = False

    def since(self, from_us: int) -> Bool:
        """Give for each asset whether a ship was heard near it at or after ``from_us``."""
        near = np.zeros(len(self._along.assets), dtype=np.bool_)
        near[self._along.asset[self._last_us[self._along.cell] >= from_us]] = True
        return near


def heard_by_any(feeds: Iterable[HeardAssets], from_us: int, assets: Sequence[object]) -> Bool:
    """Give for each asset whether any of the feeds heard a ship near it at or after ``from_us``."""
    near = np.zeros(len(assets), dtype=np.bool_)
    for feed in feeds:
        near |= feed.since(from_us)
    return near
