"""Assets: where they lie, who passed them, what is known of them."""

from __future__ import annotations

from fastapi import APIRouter

from seavigil.api.context import Context


def assets_routes(context: Context) -> APIRouter:  # noqa: ARG001
    """Give the routes about it."""
    return APIRouter()
