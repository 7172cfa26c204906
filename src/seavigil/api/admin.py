"""Audit trail, tokens, users, settings."""

from __future__ import annotations

from fastapi import APIRouter

from seavigil.api.context import Context


def admin_routes(context: Context) -> APIRouter:  # noqa: ARG001
    """Give the routes about it."""
    return APIRouter()
