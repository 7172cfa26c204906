"""CAP messages as files, and an Atom feed (RFC 4287) that lists them, the newest first.

A message is written before the feed that names it, each whole or not at all. The feed is the memory: what was
sent about an alert before, and what is kept. Where it is lost it is made anew from the messages.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seavigil.alerts.channels.cap import NAMESPACE, CapParams, Reference, cap_of, identifier_of, time_of
from seavigil.alerts.channels.compose import each
from seavigil.alerts.channels.contract import Channel, Message, PassingFailure, Sent, Tools

if TYPE_CHECKING:
    from lxml.etree import _Element

ATOM = "http://www.w3.org/2005/Atom"
_FEED, _MESSAGES = "feed.atom", "messages"
#: A URL of ours never changes; entries are named after it and the identifier (RFC 4122, names of version 5).
_NAMES = uuid.uuid5(uuid.NAMESPACE_URL, "seavigil:cap")


@dataclass(frozen=True)
class Entry:
    """What the feed knows of a message. ``alert_id`` is empty where it concerns none."""

    identifier: str
    sender: str
    sent: str
    title: str
    alert_id: str = ""

    @property
    def path(self) -> str:
        """Where it lies, from the feed."""
        return f"{_MESSAGES}/{self.identifier}.xml"


class Cap(Channel[CapParams]):
    """Writes a message for each alert, and the feed."""

    params_type = CapParams

    def __init__(self, params: CapParams, tools: Tools) -> None:
        super().__init__(params, tools)
        self._folder = tools.folder / params.folder

    async def deliver(self, message: Message) -> Sent:
        """Write what is not there yet, in a thread: disks wait."""
        try:
            number = await asyncio.to_thread(self._write, each(message))
        except OSError as fault:
            raise PassingFailure(
                f"{fault.filename or self._folder.name}: {fault.strerror or fault}"
            ) from fault
        return Sent(f"{number} messages written" if number else "written before")

    def _write(self, messages: Sequence[Message]) -> int:
        entries = read_feed(self._folder)
        known = {entry.identifier for entry in entries}
        new = [one for one in messages if identifier_of(one) not in known]
        for one in new:
            entry = _entry(one, self.params)
            # one that was written before the feed could name it stays as it is
            if not (self._folder / entry.path).exists():
                earlier = [Reference(e.sender, e.identifier, e.sent) for e in entries if _same(e, entry)]
                _write_whole(self._folder / entry.path, cap_of(one, self.params, earlier))
            entries.append(entry)
        if new or not (self._folder / _FEED).exists():
            self._keep(entries)
        return len(new)

    def _keep(self, entries: Sequence[Entry]) -> None:
        kept = entries[-self.params.keep :]
        _write_whole(self._folder / _FEED, feed_of(kept, self.params))
        for entry in entries[: -self.params.keep]:
            (self._folder / entry.path).unlink(missing_ok=True)


def _same(one: Entry, other: Entry) -> bool:
    return bool(one.alert_id) and one.alert_id == other.alert_id


def _entry(message: Message, params: CapParams) -> Entry:
    alert_id = message.alerts[0]["alert_id"] if len(message.alerts) == 1 and not message.digest else ""
    sent = time_of(message.created_us)
    return Entry(identifier_of(message), params.sender, sent, message.subject, alert_id)


def feed_of(entries: Sequence[Entry], params: CapParams) -> bytes:
    """Give the feed: ``entries`` oldest first, written newest first."""
    from lxml import etree

    feed = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    updated = max((entry.sent for entry in entries), default=time_of(0))
    _add(feed, "id", uuid.uuid5(_NAMES, params.sender).urn)
    _add(feed, "title", "Seavigil alerts")
    _add(feed, "updated", _atom_time(updated))
    _add(_add(feed, "author"), "name", params.sender_name or params.sender)
    _add(feed, "generator", "Seavigil")
    _add(feed, "link", rel="self", href=_FEED)
    for entry in reversed(entries):
        _add_entry(feed, entry)
    xml: bytes = etree.tostring(feed, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return xml


def _add_entry(feed: _Element, entry: Entry) -> None:
    element = _add(feed, "entry")
    _add(element, "id", uuid.uuid5(_NAMES, f"{entry.sender},{entry.identifier}").urn)
    _add(element, "title", entry.title)
    _add(element, "updated", _atom_time(entry.sent))
    _add(element, "link", rel="alternate", type="application/cap+xml", href=entry.path)
    _add(element, "category", scheme="seavigil:identifier", term=entry.identifier)
    _add(element, "category", scheme="seavigil:sender", term=entry.sender)
    if entry.alert_id:
        _add(element, "category", scheme="seavigil:alert", term=entry.alert_id)
    _add(element, "summary", entry.title)


def _add(parent: _Element, name: str, text: str | None = None, **attributes: str) -> _Element:
    from lxml import etree

    child = etree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    child.text = text
    return child


def _atom_time(sent: str) -> str:
    """RFC 3339 has ``-00:00`` for a time whose zone is not known: UTC is ``Z``."""
    return sent.replace("-00:00", "Z")


def read_feed(folder: Path) -> list[Entry]:
    """Give the entries of a feed, oldest first; where it cannot be read those of the messages there are."""
    from lxml import etree

    try:
        root = etree.fromstring((folder / _FEED).read_bytes(), _parser())
        return [_read_entry(element) for element in reversed(root.findall(f"{{{ATOM}}}entry"))]
    except (FileNotFoundError, etree.XMLSyntaxError, KeyError):
        found = (_read_message(path) for path in (folder / _MESSAGES).glob("*.xml"))
        return sorted((entry for entry in found if entry is not None), key=lambda e: (e.sent, e.identifier))


def _read_entry(element: _Element) -> Entry:
    terms = {c.get("scheme"): str(c.get("term")) for c in element.findall(f"{{{ATOM}}}category")}
    return Entry(
        terms["seavigil:identifier"],
        terms["seavigil:sender"],
        (element.findtext(f"{{{ATOM}}}updated") or "").replace("Z", "-00:00"),
        element.findtext(f"{{{ATOM}}}title") or "",
        terms.get("seavigil:alert", ""),
    )


def _read_message(path: Path) -> Entry | None:
    """Read a message back; None for what is none."""
    from lxml import etree

    try:
        root = etree.fromstring(path.read_bytes(), _parser())
    except (OSError, etree.XMLSyntaxError):
        return None
    told = {name: root.findtext(f"{{{NAMESPACE}}}{name}") or "" for name in ("identifier", "sender", "sent")}
    info = f"{{{NAMESPACE}}}info"
    alert_id = ""
    for parameter in root.iterfind(f"{info}/{{{NAMESPACE}}}parameter"):
        if parameter.findtext(f"{{{NAMESPACE}}}valueName") == "seavigil:alert_id":
            alert_id = parameter.findtext(f"{{{NAMESPACE}}}value") or ""
    title = root.findtext(f"{info}/{{{NAMESPACE}}}headline") or ""
    return Entry(**told, title=title, alert_id=alert_id) if told["identifier"] == path.stem else None


def _parser() -> Any:
    from lxml import etree

    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file that nobody ever sees half-written, and that outlives a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.part")
    try:
        with half.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
