"""gzip, zstd and zip as streams: never more in memory than a piece, however far the data swells."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from isal import isal_zlib
from isal.isal_zlib import IsalError

#: Compressed bytes are read, and decompressed ones handed on, in pieces of about these sizes.
READ_BYTES = 65_536
PIECE_BYTES = 1_048_576
#: One byte of zstd can stand for up to 128 KiB (RFC 8878, RLE blocks): feed it little at a time.
_ZSTD_READ_BYTES = 1_024

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED = 0x1


class DamagedStream(Exception):
    """The bytes up to here are good, more cannot be had; ``fault`` is the code for the reject."""

    def __init__(self, fault: str, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault


def gunzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Decompress gzip, several members one after another included; raises `DamagedStream`."""
    inflater = None
    members = 0
    for chunk in chunks:
        data = chunk
        while data:
            if inflater is None:
                data = data.lstrip(b"\x00") if members else data  # padding, as tar writes it
                if not data:
                    break
                if members and data[:1] != GZIP_MAGIC[:1]:
                    raise DamagedStream("trailing_garbage", "bytes after the end of the gzip data")
                inflater = isal_zlib.decompressobj(wbits=31)
            yield from _inflate(inflater, data, "gzip")
            data = inflater.unused_data
            if inflater.eof:
                inflater, members = None, members + 1
    if inflater is not None:
        raise DamagedStream("truncated_gzip", "the gzip data end before their end mark")


def _inflate(inflater: isal_zlib.Decompress, data: bytes, kind: str) -> Iterator[bytes]:
    while True:
        try:
            piece = inflater.decompress(data, PIECE_BYTES)
        except IsalError as fault:  # type: ignore[misc]  # the stub has it as an instance
            raise DamagedStream(f"corrupt_{kind}", str(fault)) from fault
        if piece:
            yield piece
        data = inflater.unconsumed_tail
        if inflater.eof or (not data and len(piece) < PIECE_BYTES):
            return


def unzstd(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Decompress zstd, several frames one after another included; raises `DamagedStream`."""
    import zstandard

    inflater = None
    for chunk in chunks:
        for begin in range(0, len(chunk), _ZSTD_READ_BYTES):
            data = chunk[begin : begin + _ZSTD_READ_BYTES]
            while data:
                inflater = inflater or zstandard.ZstdDecompressor().decompressobj()
                try:
                    piece = inflater.decompress(data)
                except zstandard.ZstdError as fault:
                    raise DamagedStream("corrupt_zstd", str(fault)) from fault
                if piece:
                    yield piece
                data = inflater.unused_data if inflater.eof else b""
                inflater = None if inflater.eof else inflater
    if inflater is not None:
        raise DamagedStream("truncated_zstd", "the zstd data end before their end mark")


def zip_members(file: BinaryIO) -> list[zipfile.ZipInfo]:
    """List what a zip holds, in its order, without folders and the side files of macOS.

    Raises ``zipfile.BadZipFile``.
    """
    with zipfile.ZipFile(file) as archive:
        infos = archive.infolist()
    return [i for i in infos if not i.is_dir() and not i.filename.startswith("__MACOSX/")]


def unzip(file: BinaryIO, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Decompress one member and check its checksum; raises `DamagedStream`."""
    if info.flag_bits & _ENCRYPTED:
        raise DamagedStream("encrypted_zip", f"{info.filename} needs a password")
    own = {zipfile.ZIP_STORED: _packed, zipfile.ZIP_DEFLATED: _deflated}
    pieces = own.get(info.compress_type, _other)(file, info)
    checksum = 0
    for piece in pieces:
        checksum = isal_zlib.crc32(piece, checksum)
        yield piece
    if checksum != info.CRC:
        raise DamagedStream("corrupt_zip", f"{info.filename}: checksum does not match")


def _packed(file: BinaryIO, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Give a member's bytes as they lie in the zip."""
    file.seek(info.header_offset)
    header = file.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size or header[:4] != ZIP_MAGICS[0]:
        raise DamagedStream("corrupt_zip", f"{info.filename}: no member at its place")
    _, name_bytes, extra_bytes = _LOCAL_HEADER.unpack(header)
    file.seek(name_bytes + extra_bytes, 1)
    left = info.compress_size
    while left > 0 and (data := file.read(min(READ_BYTES, left))):
        left -= len(data)
        yield data


def _deflated(file: BinaryIO, info: zipfile.ZipInfo) -> Iterator[bytes]:
    inflater = isal_zlib.decompressobj(wbits=-15)
    for data in _packed(file, info):
        yield from _inflate(inflater, data, "zip")
    if not inflater.eof:
        raise DamagedStream("truncated_zip", f"{info.filename}: ends before its end mark")


def _other(file: BinaryIO, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Members packed by bzip2 or LZMA, through Python's own reader."""
    import lzma
    import zlib

    try:
        with zipfile.ZipFile(file) as archive, archive.open(info) as member:
            while piece := member.read(PIECE_BYTES):
                yield piece
    except (zipfile.BadZipFile, EOFError, OSError, zlib.error, lzma.LZMAError) as fault:
        raise DamagedStream("corrupt_zip", str(fault)) from fault
    except NotImplementedError as fault:
        raise DamagedStream("unknown_packing", f"{info.filename}: {fault}") from fault
