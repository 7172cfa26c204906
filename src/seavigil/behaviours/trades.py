"""What the type a ship sends says of her work (ITU-R M.1371-5, table 53)."""

from __future__ import annotations

FISHING = 30
#: Navigational status "engaged in fishing" (ITU-R M.1371-5, table 45).
ENGAGED_IN_FISHING = 7
#: Towing, dredging, diving, naval, sailing, pleasure, pilot, rescue, tug, tender, pollution, police, medical:
#: they go slowly, stop and come alongside by trade, or as they please.
AT_WORK = (*range(31, 38), *range(50, 56), 58)
#: High speed craft and passenger ships.
ON_A_TIMETABLE = (*range(40, 50), *range(60, 70))
#: Not available, or "other": says nothing of her work.
UNSAID = (0, *range(90, 100))
#: At anchor, moored, aground (ITU-R M.1371-5, table 45).
HELD_TO_THE_GROUND = (1, 5, 6)
