"""What may be said of an asset: corrections as they are sent, and whom to call about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from seavigil.assets.model import Asset
from seavigil.store.asset_edits import CONTACTS
from seavigil.store.database import Database

Line = Annotated[str, Field(max_length=200)]


class Contact(BaseModel):
    """Somebody to call about an asset."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=200)]
    role: Line = ""
    phone: Line = ""
    email: Line = ""
    vhf: Line = ""


class Change(BaseModel):
    """What is to be changed; what is not told stays. ``why`` is kept with it.

    ``position_uncertainty_m`` (95 %, m; at most 50 km: published routes are 7 to 24 km off in places) holds
    from the next start of the watch on, the rest at once.
    """

    model_config = ConfigDict(extra="forbid")

    why: Annotated[str, Field(min_length=1, max_length=4_000)]
    position_uncertainty_m: Annotated[float | None, Field(ge=0, le=50_000, allow_inf_nan=False)] = None
    contacts: Annotated[list[Contact] | None, Field(max_length=20)] = None
    owner: Annotated[str | None, Field(max_length=200)] = None
    tlp: Literal["RED", "AMBER+STRICT", "AMBER", "GREEN", "CLEAR"] | None = None
    shared_with: Annotated[list[Line] | None, Field(max_length=100)] = None

    @field_validator("why")
    @classmethod
    def _says(cls, why: str) -> str:
        if not why.strip():
            raise ValueError("say why")
        return why.strip()

    def changes(self) -> dict[str, Any]:
        """Give what was told, by field. Raises ``ValueError`` for a field that cannot be empty."""
        told = self.model_dump(exclude={"why"}, exclude_unset=True)
        for name in ("position_uncertainty_m", "contacts", "shared_with"):
            if name in told and told[name] is None:
                raise ValueError(f"{name}: null says nothing; leave it out to leave it as it is")
        if "owner" in told:
            told["owner"] = (told["owner"] or "").strip() or None
        if "shared_with" in told:
            told["shared_with"] = [name.strip() for name in told["shared_with"] if name.strip()]
        return told


def contacts_of(store: Database, asset: Asset) -> list[dict[str, str]]:
    """Give whom to call about an asset: as edited, else as its file has it."""
    edited = store.asset_edits.newest(CONTACTS).get(asset.asset_id)
    said = asset.properties.get("contacts") if edited is None else edited
    rows = _listed(said)
    return [_contact(row) for row in rows if isinstance(row, Mapping) and row.get("name")]


def _listed(said: Any) -> list[Any]:
    """Give a list as such: what reads files gives one inside of a feature's properties as its text."""
    if isinstance(said, str):
        try:
            said = json.loads(said)
        except (ValueError, RecursionError):
            return []
    return [said] if isinstance(said, Mapping) else said if isinstance(said, list) else []


def _contact(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(row.get(name) or "") for name in Contact.model_fields}
