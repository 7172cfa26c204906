"""The web interface of a watch: the console and all that it asks for, and what others may read."""

from seavigil.api.access import Access
from seavigil.api.app import make_app
from seavigil.api.context import Context
from seavigil.api.view import ServiceView

__all__ = ["Access", "Context", "ServiceView", "make_app"]
