"""Ships: who they are, how they went, what they did."""

from __future__ import annotations

from fastapi import APIRouter

from seavigil.api.context import Context


def ships_routes(context: Context) -> APIRouter:  # noqa: ARG001
    """Give the routes about it."""
    return APIRouter()
