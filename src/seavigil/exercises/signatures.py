"""What is documented of each drag under way, as ranges to draw from.

Each says which rows of the public record it rests on (case ids of our incident list) and which
ranges are own choices because no source gives them. "Own choice" is wide on purpose: a watch that
finds only what we imagined is of no use.
"""

from __future__ import annotations

from seavigil.exercises.fleet import CARGO, TANKER
from seavigil.exercises.under_way import Stop, UnderWay

MINUTE_S, HOUR_S = 60.0, 3600.0

#: EAGLES-1..5. Tanker of 229 m at 9.3 kn, 8.8 while over the power cable (2 minutes); her engine
#: stopped 83 min after that for 27 min, and again at 136 min; four telecom cables 5 h 38 to 6 h 18
#: after the first. 90 to 100 km dragged in all. Mean loss while dragging: no source gives her speed
#: before the anchor went down, so "hardly" is 2 to 8 % (own choice around the one figure known).
EAGLE_S = UnderWay(
    says="A laden tanker drags her anchor over a power cable at 9 kn and hardly slows; her engine stops "
    "twice; hours later she goes over the next cable.",
    ship_type=TANKER,
    length_m=(200.0, 245.0),
    service_kn=(8.9, 10.2),
    loss=(0.02, 0.08),
    unsteadiness=(0.3, 0.8),
    lead_s=(46 * MINUTE_S, 150 * MINUTE_S),
    apart_s=5 * HOUR_S + 38 * MINUTE_S,
    dip=(0.04, 0.07),
    dip_s=(90.0, 180.0),
    stops=(Stop(83 * MINUTE_S, 27 * MINUTE_S), Stop(136 * MINUTE_S, 22 * MINUTE_S)),
)

#: YP3-1, YP3-2. Bulk carrier of 225 m: 9 to 10 kn, then 5 to 6 for some 400 km, 3 to 4 at a sand
#: ridge; cables 18 h apart. Unsteadiness is an own choice: the record has both "5 to 6" and "7".
YI_PENG_3 = UnderWay(
    says="A bulk carrier loses nearly half her speed at one moment and keeps on for many hours, over two "
    "cables; every other ship on that water keeps hers.",
    ship_type=CARGO,
    length_m=(210.0, 235.0),
    service_kn=(9.0, 10.2),
    loss=(0.36, 0.46),
    unsteadiness=(0.3, 0.7),
    lead_s=(30 * MINUTE_S, 180 * MINUTE_S),
    apart_s=18 * HOUR_S,
    dip=(0.10, 0.30),
    shackles=8,
)

#: NNPB-1..4. Container ship of 169 m at 11 kn; 9.5 kn for about 5 min at the pipeline; the telecom
#: cable 7 h 07 before. She dragged at 11 kn, so her mean loss is next to nothing (0 to 5 %, own choice).
NEWNEW_POLAR_BEAR = UnderWay(
    says="A container ship drags her anchor at 11 kn: nothing shows but a dip of five minutes at each hit.",
    ship_type=CARGO,
    length_m=(155.0, 180.0),
    service_kn=(10.6, 12.0),
    loss=(0.0, 0.05),
    unsteadiness=(0.3, 0.8),
    lead_s=(46 * MINUTE_S, 180 * MINUTE_S),
    apart_s=7 * HOUR_S + 7 * MINUTE_S,
    dip=(0.12, 0.16),
    dip_s=(240.0, 330.0),
)

#: VEZHEN-1, VEZHEN-2. Bulk carrier of 32.9 kdwt in a gale on autopilot, 300 m of chain (11 shackles),
#: dragging for 21 h before the first of two cables 8 min apart. Size from her deadweight; loss 5 to
#: 20 % is an own choice between DRAG-VELA-2018 (330 m of hanging chain: 3 to 6 kn) and EAGLES-1.
VEZHEN = UnderWay(
    says="A bulk carrier in heavy seas loses her anchor with all its chain unnoticed and goes on, on "
    "autopilot, over two cables soon after each other.",
    ship_type=CARGO,
    length_m=(175.0, 195.0),
    service_kn=(10.5, 12.5),
    loss=(0.05, 0.20),
    unsteadiness=(0.4, 0.9),
    lead_s=(60 * MINUTE_S, 240 * MINUTE_S),
    apart_s=8 * MINUTE_S,
    dip=(0.03, 0.08),
    dip_s=(60.0, 150.0),
    runs_on_s=(1200.0, 3600.0),
    shackles=11,
)

#: FITBURG-1, FITBURG-2. General cargo ship of 132 m; two cables on one day, tens of kilometres
#: dragged; chain seen in the water afterwards. Speeds are not published: loss 8 to 30 % and the time
#: between the cables (40 min) are own choices.
FITBURG = UnderWay(
    says="A general cargo ship drags her anchor for tens of kilometres over two cables and slows somewhat.",
    ship_type=CARGO,
    length_m=(120.0, 140.0),
    service_kn=(9.0, 11.0),
    loss=(0.08, 0.30),
    unsteadiness=(0.4, 0.9),
    lead_s=(46 * MINUTE_S, 150 * MINUTE_S),
    apart_s=40 * MINUTE_S,
    dip=(0.05, 0.15),
)

#: BORNHOLM-2022. Tanker at 9 to 10 kn over a jetted-in power cable, one hit only. Her size is not in
#: the record (own choice: a coastal product tanker), nor when the anchor went down.
SAMUS_SWAN = UnderWay(
    says="A small product tanker cuts a power cable at 9 to 10 kn, with one short dip.",
    ship_type=TANKER,
    length_m=(110.0, 150.0),
    service_kn=(9.0, 10.2),
    loss=(0.0, 0.06),
    unsteadiness=(0.2, 0.7),
    lead_s=(15 * MINUTE_S, 90 * MINUTE_S),
    apart_s=None,
    dip=(0.04, 0.12),
    runs_on_s=(300.0, 1500.0),
)

#: TAIWAN-TPE-2025. General cargo ship, intercepted at 4.3 kn; one cable. Loss 25 to 50 % (own choice
#: that gives about that speed).
XING_SHUN_39 = UnderWay(
    says="A cargo ship drags her anchor slowly over a cable; later her AIS falls silent and within a "
    "minute another ship begins where she was.",
    ship_type=CARGO,
    length_m=(95.0, 130.0),
    service_kn=(7.0, 8.8),
    loss=(0.30, 0.50),
    unsteadiness=(0.4, 0.9),
    lead_s=(46 * MINUTE_S, 120 * MINUTE_S),
    apart_s=None,
    dip=(0.05, 0.20),
    runs_on_s=(1800.0, 3600.0),
)
