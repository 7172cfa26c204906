"""The console's own files."""

from __future__ import annotations

from fastapi import APIRouter

from seavigil.api.context import Context


def pages_routes(context: Context) -> APIRouter:  # noqa: ARG001
    """Give the routes about it."""
    return APIRouter()
