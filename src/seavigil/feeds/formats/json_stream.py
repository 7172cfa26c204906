"""Finds the records in a stream of JSON, however it is cut and however it is laid out.

A record is an object that stands alone (one a line, or one after another), in an array, or in the
``features`` or ``vessels`` array of one enclosing object; what that object says before its array
comes with every record. Only the record at hand is kept. After broken JSON the search goes on at
the next line, or at the next object that cannot belong to the broken one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from seavigil.feeds.formats.contract import MAX_RECORD_BYTES
from seavigil.feeds.formats.rows import reject
from seavigil.records import Reject

#: Arrays of these names in an enclosing object hold the records.
LISTS = (b"features", b"vessels")

_OUTSIDE = re.compile(rb"[{\]\n]")
#: What holds no bracket: bare text and whole simple strings; at most so many, to bound the matcher.
_SKIP = re.compile(rb'(?:[^"{}\[\]]+|"[^"\\\n]*"){0,64}')
_TOKENS = b'"{}[]'
_STRING = re.compile(rb'["\\\n]')
_LIST_KEY = re.compile(rb'"(?:' + b"|".join(LISTS) + rb')"\s*:\s*\Z')
_BLANK = b" \t\r\n"
#: Between records: blanks, the marks of an array, a byte order mark.
_BETWEEN = _BLANK + b",[]\xef\xbb\xbf"
_LEAD = re.compile(rb"[ \t\r\n,\[\xef\xbb\xbf]*")
#: How far back the mark before a bracket is looked for.
_LOOK_BACK = 256
#: An object as a value follows a colon, an object in an array a comma or the bracket.
_MAY_PRECEDE = {ord("{"): b":", ord("["): b",["}
_OPENS = {ord("}"): ord("{"), ord("]"): ord("[")}


@dataclass(frozen=True)
class Record:
    """One object of the stream, where it began, and what the enclosing object said before it."""

    offset_bytes: int
    raw: bytes
    value: dict[str, Any]
    around: dict[str, Any] = field(default_factory=dict)


Found = Record | Reject


class JsonCutter:
    """Give it bytes, it gives the records they complete, and rejects for what is none."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._at = 0  # offset of the first kept byte
        self._scanned = 0  # bytes of ``_data`` already looked at
        self._open = bytearray()  # brackets open in the record at hand; empty between records
        self._in_string = False
        self._around: dict[str, Any] = {}
        self._in_list = False  # inside the list of an enclosing object
        self._closing = False  # after that list, before the object's end
        self._too_long = False  # the piece at hand is rejected already
        self._bare_array = False  # the stream has the mark of an array around its records
        self._any = False  # a record, a reject or a named list was found

    def add(self, chunk: bytes) -> Iterator[Found]:
        """Take the next bytes and give what they complete, in the stream's order."""
        self._data += chunk
        found: list[Found] | None = []
        while found is not None:
            self._any |= bool(found)
            yield from found
            found = self._within() if self._open else self._between()
        yield from self._bound()

    def rest(self) -> Iterator[Found]:
        """End the stream: what is left is no whole record."""
        left = bytes(self._data).strip(_BETWEEN)
        if (left or self._in_list or self._closing) and not self._too_long:
            whole = not (self._open or self._in_list or self._closing)
            yield reject(self._at, "not_json" if whole else "cut_short", bytes(self._data))
        elif self._bare_array and not self._any:
            yield reject(0, "no_message", b"[", "an array with no record in it")
        self._take(len(self._data))

    def _take(self, n: int) -> bytes:
        taken = bytes(self._data[:n])
        del self._data[:n]
        self._at += n
        self._scanned = 0
        return taken

    def _bound(self) -> list[Found]:
        """Keep no more than a record may have; the rest of a longer piece is passed over."""
        if len(self._data) <= MAX_RECORD_BYTES:
            return []
        rejects = [] if self._too_long else [self._over_long(self._at, bytes(self._data))]
        self._too_long = self._any = True
        scanned = self._scanned
        drop = max(0, scanned - _LOOK_BACK)
        self._take(drop)
        self._scanned = scanned - drop
        return [*rejects]

    def _over_long(self, at: int, raw: bytes) -> Reject:
        return reject(at, "too_long", raw, f"a record of over {MAX_RECORD_BYTES} bytes")

    def _rejected(self, at: int, fault: str, raw: bytes) -> list[Found]:
        """Give the reject of a piece that ends here, once, and be ready for the next."""
        known, self._too_long = self._too_long, False
        if known or not raw:
            return []
        return [self._over_long(at, raw) if len(raw) > MAX_RECORD_BYTES else reject(at, fault, raw)]

    def _between(self) -> list[Found] | None:
        if not self._too_long:
            blank = _LEAD.match(self._data).end()  # type: ignore[union-attr]  # matches always
            scanned = max(0, self._scanned - blank)
            self._bare_array |= b"[" in self._take(blank)
            self._scanned = scanned
        match = _OUTSIDE.search(self._data, self._scanned)
        if match is None:
            self._scanned = len(self._data)
            return None
        at, token = self._at, match.group()
        junk = self._take(match.start())
        if token == b"{":
            self._open, self._scanned = bytearray(token), 1
        elif token == b"]" and self._in_list:
            self._take(1)
            self._open, self._in_list, self._closing = bytearray(b"{"), False, True
        else:
            self._take(1)
        return self._rejected(at, "not_json", junk)

    def _within(self) -> list[Found] | None:
        found: list[Found] | None = None
        while found is None:
            at = self._in_string_token() if self._in_string else self._next_token()
            if at < 0:
                return None
            found = self._string_token(at) if self._in_string else self._token(at)
        return found

    def _next_token(self) -> int:
        """Give the place of the next bracket or quote outside strings, -1 when it is not here yet."""
        data = self._data
        while self._scanned < len(data) and data[self._scanned] not in _TOKENS[1:]:
            end = _SKIP.match(data, self._scanned).end()  # type: ignore[union-attr]  # matches always
            if end == self._scanned:
                return end  # a quote whose string is not whole yet, or holds an escape
            self._scanned = end
        return self._scanned if self._scanned < len(data) else -1

    def _in_string_token(self) -> int:
        """Give the place of the next quote, escape or line break in a string, -1 when not here yet."""
        match = _STRING.search(self._data, self._scanned)
        self._scanned = match.start() if match else len(self._data)
        is_half = match is not None and match.group() == b"\\" and match.end() == len(self._data)
        return -1 if match is None or is_half else match.start()

    def _string_token(self, at: int) -> list[Found] | None:
        token = self._data[at]
        if token == ord("\n"):
            return self._broken(at + 1)
        self._in_string = token == ord("\\")
        self._scanned = at + 1 + self._in_string
        return None

    def _token(self, at: int) -> list[Found] | None:
        token = self._data[at]
        self._scanned = at + 1
        if token == ord('"'):
            self._in_string = True
        elif token in _OPENS:
            return self._close(token, at + 1)
        elif token == ord("{") and self._before(at) not in _MAY_PRECEDE[self._open[-1]]:
            return self._broken(at)
        elif token == ord("[") and self._begins_list(at):
            return self._enter_list(at + 1)
        else:
            self._open.append(token)
        return None

    def _close(self, token: int, end: int) -> list[Found] | None:
        if self._open[-1] != _OPENS[token]:
            return self._broken(end)
        self._open.pop()
        return None if self._open else self._complete(end)

    def _before(self, start: int) -> int:
        """Give the last byte before ``start`` that is no blank (0 when there is none near)."""
        near = bytes(self._data[max(0, start - _LOOK_BACK) : start]).rstrip(_BLANK)
        return near[-1] if near else 0

    def _begins_list(self, start: int) -> bool:
        if len(self._open) > 1 or self._closing or self._in_list:
            return False
        return _LIST_KEY.search(self._data, max(0, start - _LOOK_BACK), start) is not None

    def _enter_list(self, end: int) -> list[Found]:
        at, head = self._at, self._take(end)
        self._open.clear()
        self._in_list = self._any = True
        self._around = {} if self._too_long else _around(head)
        return self._rejected(at, "", head) if self._too_long or len(head) > MAX_RECORD_BYTES else []

    def _broken(self, end: int) -> list[Found]:
        at, raw = self._at, self._take(end)
        self._open.clear()
        self._in_string = self._closing = False
        return self._rejected(at, "bad_json", raw.rstrip(_BLANK))

    def _complete(self, end: int) -> list[Found]:
        at, raw = self._at, self._take(end)
        closed, self._closing = self._closing, False
        if self._too_long or len(raw) > MAX_RECORD_BYTES:
            return self._rejected(at, "too_long", raw)
        if closed:
            self._around = {}
            return []
        try:
            return [Record(at, raw, loads(raw), self._around)]
        except ValueError as fault:
            return [reject(at, "bad_json", raw, str(fault)[:120])]


def loads(raw: bytes | str) -> dict[str, Any]:
    """Read one JSON object; raises `ValueError` for anything else, NaN and infinity included."""
    try:
        value = json.loads(raw.decode() if isinstance(raw, bytes) else raw, parse_constant=_no_constant)
    except RecursionError as fault:
        raise ValueError("nested too deeply") from fault
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _around(head: bytes) -> dict[str, Any]:
    key = _LIST_KEY.search(head[:-1])
    try:
        return loads(head[: key.start()].rstrip(_BLANK + b",") + b"}") if key else {}
    except ValueError:
        return {}
