"""The state whose series a call sign belongs to, and IMO numbers that can be.

Series from the Table of Allocation of International Call Sign Series of the ITU (Radio Regulations,
appendix 42), as ISO 3166-1 alpha-2 codes. A state and the territories that use its series count as one:
a call sign cannot tell them apart.
"""

from __future__ import annotations

import re

from seavigil.mid import country

#: State, then its series: first two or three characters, a range where there is a dash.
_SERIES = """
US AA-AL K N W
ES AM-AO EA-EH
PK AP-AS 6P-6S
IN AT-AW VT-VW 8T-8Y
AU AX VH-VN VZ
AR AY-AZ LO-LW L2-L9
BW A2 8O
TO A3
OM A4
BT A5
AE A6
QA A7
LR A8 D5 EL 5L-5M 6Z
BH A9
CN B 3H-3U VR XS XX
CL CA-CE XQ-XR 3G
CA CF-CK CY-CZ VA-VG VO VX-VY XJ-XO
CU CL-CM CO T4
MA CN 5C-5G
BO CP
PT CQ-CU
UY CV-CX
NR C2
AD C3
CY C4 H2 P3 5B
GM C5
BS C6
MZ C8-C9
DE DA-DR Y2-Y9
KR DS-DT D7-D9 HL 6K-6N
PH DU-DZ 4D-4I
AO D2-D3
CV D4
KM D6
IE EI-EJ
AM EK
UA EM-EO UR-UZ
IR EP-EQ 9B-9D
MD ER
EE ES
ET ET 9E-9F
BY EU-EW
KG EX
TJ EY
TM EZ
TH E2 HS
ER E3
PS E4
BA E7
FR F HW-HY TH TK TM TO-TQ TV-TX
GB G M 2 VP-VQ VS ZB-ZJ ZN-ZO ZQ
HU HA HG
CH HB HE
EC HC-HD
PL HF SN-SR 3Z
HT HH 4V
DO HI
CO HJ-HK 5J-5K
KP HM P5-P9
IQ HN
PA HO-HP H3 H8-H9 3E-3F
HN HQ-HR
NI HT H6-H7 YN
SV HU YS
SA HZ 7Z 8Z
SB H4
IT I
JP JA-JS 7J-7N 8J-8N
MN JT-JV
NO JW-JX LA-LN 3Y
JO JY
ID JZ PK-PO YB-YH 7A-7I 8A-8I
DJ J2
GD J3
GR J4 SV-SZ
GW J5
LC J6
DM J7
VC J8
LU LX
LT LY
BG LZ
PE OA-OC 4T
LB OD
AT OE
FI OF-OJ
CZ OK-OL
SK OM
BE ON-OT
DK OU-OZ XP 5P-5Q
NL PA-PJ P4
BR PP-PY ZV-ZZ
SR PZ
PG P2
RU R UA-UI
SE SA-SM 7S 8S
EG SSA-SSM SU 6A-6B
SD SSN-SSZ ST 6T-6U
BD S2-S3
SI S5
SG S6 9V
SC S7
ZA S8 ZR-ZU
ST S9
TR TA-TC YM
GT TD TG
CR TE TI
IS TF
CM TJ
CF TL
CG TN
GA TR
TN TS 3V
TD TT
CI TU
BJ TY
ML TZ
TV T2
KI T3
SO T5 6O
AF T6 YA
SM T7
PW T8
UZ UJ-UM
KZ UN-UQ
AG V2
BZ V3
KN V4
NA V5
FM V6
MH V7
BN V8
MX XA-XI 4A-4C 6D-6J
BF XT
KH XU
VN XV 3W
LA XW
MM XY-XZ
VU YJ
SY YK 6C
LV YL
RO YO-YR
RS YT-YU
VE YV-YY 4M
AL ZA
NZ E5-E6 ZK-ZM
PY ZP
ZW Z2
SS Z8
VA HV
MK Z3
MC 3A
MU 3B
GQ 3C
SZ 3DA-3DM
FJ 3DN-3DZ
GN 3X
AZ 4J-4K
GE 4L
ME 4O
LK 4P-4S
TL 4W
IL 4X 4Z
LY 5A
TZ 5H-5I
NG 5N-5O
MG 5R-5S
MR 5T
NE 5U
TG 5V
WS 5W
UG 5X
KE 5Y-5Z
SN 6V-6W
MG 6X
JM 6Y
YE 7O
LS 7P
MW 7Q
DZ 7R 7T-7Y
BB 8P
MV 8Q
GY 8R
HR 9A
GH 9G
MT 9H
ZM 9I-9J
KW 9K
SL 9L
MY 9M 9W
NP 9N
CD 9O-9T
BI 9U
RW 9X
TT 9Y-9Z
"""

#: Territories with an MMSI of their own and call signs of the state's series.
_OF_STATE = {
    **dict.fromkeys(["AI", "BM", "FK", "GI", "IM", "KY", "MS", "PN", "SH", "TC", "VG"], "GB"),
    **dict.fromkeys(["GF", "GP", "MQ", "NC", "PF", "PM", "RE", "TF", "WF"], "FR"),
    **dict.fromkeys(["AS", "GU", "MP", "PR", "VI"], "US"),
    **dict.fromkeys(["AW", "CW"], "NL"),
    **dict.fromkeys(["FO", "GL"], "DK"),
    **dict.fromkeys(["HK", "MO", "TW"], "CN"),
    **dict.fromkeys(["CC", "CX"], "AU"),
    **dict.fromkeys(["CK", "NU"], "NZ"),
    "LI": "CH",
}

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#: The forms of Radio Regulations article 19, section III for ships (two characters, two letters, up to
#: four digits) and, as sent, somewhat wider: the letters may be missing or end the sign.
_SHIP_STATION = re.compile(r"(?=.?[A-Z])[A-Z0-9]{2}[A-Z]{0,2}(?:[0-9]{0,5}|[A-Z]{1,2})")


def _read(text: str) -> dict[str, str]:
    table: dict[str, str] = {}
    for line in text.split("\n"):
        state, *series = line.split() or [""]
        for one in series:
            first, _, last = one.partition("-")
            stem = first[:-1]
            ends = (_DIGITS.index(end[-1]) for end in (first, last or first))
            table |= {stem + _DIGITS[i]: state for i in range(next(ends), next(ends) + 1)}
    return table


#: First characters of a call sign (one to three) to ISO 3166-1 alpha-2.
SERIES: dict[str, str] = _read(_SERIES)


def state_of_callsign(callsign: str | None) -> str | None:
    """Give the state whose series a ship station's call sign is of; None where it says none.

    >>> state_of_callsign("OWLA6"), state_of_callsign("3FHE7"), state_of_callsign("12345")
    ('DK', 'PA', None)
    """
    sign = (callsign or "").upper().replace(" ", "")
    if len(sign) < 4 or not _SHIP_STATION.fullmatch(sign):
        return None
    return next((SERIES[sign[:n]] for n in (3, 2, 1) if sign[:n] in SERIES), None)


def state_of_mmsi(mmsi: int) -> str | None:
    """Give the state whose call signs ships with such an MMSI carry; None where it tells none.

    >>> state_of_mmsi(219165000), state_of_mmsi(231000001), state_of_mmsi(100000001)
    ('DK', 'DK', None)
    """
    flag = country(mmsi)
    return None if flag is None else _OF_STATE.get(flag, flag)


def imo_can_be(imo: int) -> bool:
    """Tell whether seven digits end in their check digit (IMO resolution A.1117(30), annex).

    The first six digits times 7, 6, 5, 4, 3 and 2 add up to a number with the same last digit.

    >>> imo_can_be(9074729), imo_can_be(9074728), imo_can_be(123)
    (True, False, False)
    """
    digits = [int(d) for d in str(imo)]
    total = sum(d * w for d, w in zip(digits, (7, 6, 5, 4, 3, 2), strict=False))
    return len(digits) == 7 and total % 10 == digits[6]
