"""What the guard before all routes, and a route that changes something, may answer: for descriptions."""

from __future__ import annotations

from typing import Any

#: Before every route: see `guard`.
EVERYWHERE: dict[int | str, dict[str, Any]] = {
    401: {"description": "nobody is signed in"},
    403: {"description": "this takes another role, or may not be asked from there"},
    422: {"description": "a parameter or body that cannot be read"},
    429: {"description": "too many requests: Retry-After says how long to wait"},
    503: {"description": "the store does not answer now, or too many such requests wait"},
}
#: Of what changes something.
CHANGES: dict[int | str, dict[str, Any]] = {
    **EVERYWHERE,
    400: {"description": "what is asked makes no sense: the problem says why"},
    404: {"description": "there is none, or it may not be seen"},
    409: {"description": "not as things stand"},
    411: {"description": "no Content-Length"},
    413: {"description": "too long"},
    415: {"description": "not JSON"},
}
