"""What CAP 1.2 asks of a message, written down from the standard (OASIS, 1 July 2010, 3.2 and 3.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

CAP = "urn:oasis:names:tc:emergency:cap:1.2"
#: 3.3.2: ``2002-05-24T16:49:00-07:00``; the letter Z must not be used.
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")

#: Each element in the order of the schema (3.4): how often it may be there.
ALERT = {
    "identifier": "1",
    "sender": "1",
    "sent": "1",
    "status": "1",
    "msgType": "1",
    "source": "?",
    "scope": "1",
    "restriction": "?",
    "addresses": "?",
    "code": "*",
    "note": "?",
    "references": "?",
    "incidents": "?",
    "info": "*",
}
INFO = {
    "language": "?",
    "category": "+",
    "event": "1",
    "responseType": "*",
    "urgency": "1",
    "severity": "1",
    "certainty": "1",
    "audience": "?",
    "eventCode": "*",
    "effective": "?",
    "onset": "?",
    "expires": "?",
    "senderName": "?",
    "headline": "?",
    "description": "?",
    "instruction": "?",
    "web": "?",
    "contact": "?",
    "parameter": "*",
    "resource": "*",
    "area": "*",
}
PARAMETER = {"valueName": "1", "value": "1"}
AREA = {"areaDesc": "1", "polygon": "*", "circle": "*", "geocode": "*", "altitude": "?", "ceiling": "?"}
VALUES = {
    "status": {"Actual", "Exercise", "System", "Test", "Draft"},
    "msgType": {"Alert", "Update", "Cancel", "Ack", "Error"},
    "scope": {"Public", "Restricted", "Private"},
    "category": {"Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env"}
    | {"Transport", "Infra", "CBRNE", "Other"},
    "responseType": {"Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess"}
    | {"AllClear", "None"},
    "urgency": {"Immediate", "Expected", "Future", "Past", "Unknown"},
    "severity": {"Extreme", "Severe", "Moderate", "Minor", "Unknown"},
    "certainty": {"Observed", "Likely", "Possible", "Unlikely", "Unknown"},
}
_TIMES = frozenset({"sent", "effective", "onset", "expires"})
_INSIDE = {"info": INFO, "area": AREA, "parameter": PARAMETER}


def faults(xml: bytes) -> list[str]:
    """Say what in a message is not as the standard wants it."""
    root = etree.fromstring(xml)
    if root.tag != f"{{{CAP}}}alert":
        return [f"the root is {root.tag}"]
    return [*_element(root, ALERT), *_whole(root)]


def _element(element: Any, allowed: dict[str, str]) -> Iterator[str]:
    names = [child.tag.removeprefix(f"{{{CAP}}}") for child in element]
    known = list(allowed)
    places = [known.index(name) for name in names if name in known]
    yield from (f"there is no {name}" for name in names if name not in known)
    if places != sorted(places):
        yield f"out of order: {names}"
    for name, often in allowed.items():
        most = 1 if often in "1?" else len(names)
        if not (often in "1+") <= names.count(name) <= most:
            yield f"{names.count(name)} times {name}"
    for child, name in zip(element, names, strict=True):
        yield from _element(child, _INSIDE[name]) if name in _INSIDE else _value(name, child.text or "")


def _value(name: str, text: str) -> Iterator[str]:
    if not text.strip():
        yield f"{name} is empty"
    if name in VALUES and text not in VALUES[name]:
        yield f"{name} is {text}"
    if name in _TIMES and not TIME.fullmatch(text):
        yield f"{name} is no time: {text}"
    if name in {"identifier", "sender"} and re.search(r"[\s,<&]", text):
        yield f"{name} has what it may not: {text}"
    if name == "headline" and len(text) > 160:
        yield f"headline of {len(text)} characters"
    if name == "polygon":
        yield from _polygon(text)
    if name == "circle" and not re.fullmatch(r"-?[\d.]+,-?[\d.]+ [\d.]+", text):
        yield f"circle {text}"


def _polygon(text: str) -> Iterator[str]:
    pairs = [tuple(float(x) for x in pair.split(",")) for pair in text.split()]
    if len(pairs) < 4 or pairs[0] != pairs[-1]:
        yield f"polygon not closed: {text}"
    yield from (f"no place: {p}" for p in pairs if not (abs(p[0]) <= 90 and abs(p[1]) <= 180))


def _whole(root: Any) -> Iterator[str]:
    """Check what the notes to the elements ask for (3.2.1)."""
    told = {name: root.findtext(f"{{{CAP}}}{name}") for name in ALERT}
    if told["scope"] == "Restricted" and not told["restriction"]:
        yield "Restricted, and no restriction"
    if told["scope"] == "Private" and not told["addresses"]:
        yield "Private, and no addresses"
    if told["msgType"] in {"Update", "Cancel", "Ack", "Error"} and not told["references"]:
        yield f"{told['msgType']} of nothing"
    for reference in (told["references"] or "").split():
        sender, identifier, sent = (*reference.split(","), "", "", "")[:3]
        if not sender or not identifier or not TIME.fullmatch(sent):
            yield f"no reference: {reference}"
