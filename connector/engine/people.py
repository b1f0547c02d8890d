"""Owners of both CRMs, matched by e-mail address."""

from __future__ import annotations

from collections.abc import Mapping

from connector.crm.port import Crm
from connector.model import SIDES, Owner, Side


class Owners:
    """Who owns records: an id becomes an address, and an address the id of an active owner on either side.

    Without a CRM to ask nobody is known: commands that look at the state alone need no owners.
    """

    def __init__(self, crms: Mapping[Side, Crm]) -> None:
        self._addresses: dict[Side, dict[str, str]] = {}
        self._ids: dict[Side, dict[str, str]] = {}
        self._known: dict[Side, dict[str, Owner]] = {}
        for side in SIDES:
            owners = crms[side].owners() if side in crms else []
            self._known[side] = {owner.id: owner for owner in owners}
            self._addresses[side] = {owner.id: owner.email for owner in owners if owner.email}
            self._ids[side] = {owner.email: owner.id for owner in owners if owner.email and owner.active}

    def address(self, side: Side, owner: str) -> str | None:
        """The address of an owner, inactive ones included; None for a queue or a stranger."""
        return self._addresses[side].get(owner)

    def id(self, side: Side, address: str) -> str | None:
        """The active owner with this address."""
        return self._ids[side].get(address)

    def get(self, side: Side, owner: str | None) -> Owner | None:
        """A user or queue by its id on one side."""
        return self._known[side].get(owner) if owner else None

    def all(self, side: Side) -> Mapping[str, Owner]:
        """Every user and queue of one side, by id."""
        return self._known[side]
