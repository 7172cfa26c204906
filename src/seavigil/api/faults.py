"""Outage notices, and the ships that may have caused an outage."""

from __future__ import annotations

from fastapi import APIRouter

from seavigil.api.context import Context


def faults_routes(context: Context) -> APIRouter:  # noqa: ARG001
    """Give the routes about it."""
    return APIRouter()
