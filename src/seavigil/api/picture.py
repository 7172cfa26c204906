"""Where ships are and were."""

from __future__ import annotations

from fastapi import APIRouter

from seavigil.api.context import Context


def picture_routes(context: Context) -> APIRouter:  # noqa: ARG001
    """Give the routes about it."""
    return APIRouter()
