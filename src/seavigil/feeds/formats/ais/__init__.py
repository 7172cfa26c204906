"""AIS messages after ITU-R M.1371-5: payloads in, columns out, many messages at a time."""

from __future__ import annotations

from seavigil.feeds.formats.ais.fields import LAST_TYPE, LEAST_BITS, SUPPORTED, Field, decode_fields
from seavigil.feeds.formats.ais.payloads import Payloads

__all__ = ["LAST_TYPE", "LEAST_BITS", "SUPPORTED", "Field", "Payloads", "decode_fields"]
