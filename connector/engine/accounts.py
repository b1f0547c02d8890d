"""Which portal and which org a state file belongs to: mixing two would link strangers."""

from __future__ import annotations

from connector.engine.seams import Work
from connector.errors import StateError
from connector.model import SIDES


def bind(work: Work) -> None:
    """Tie a new state to both accounts, and refuse a state of other ones.

    Raises:
        StateError: the portal or org behind the credentials is not the one this state was made with.
    """
    for side in SIDES:
        account = work.crms[side].account()
        if work.store.get(f"currency.{side}") != account.currency:
            work.store.put(f"currency.{side}", account.currency)
        known = work.store.get(f"account.{side}")
        if known is None:
            work.store.put(f"account.{side}", account.id)
        elif known != account.id:
            raise StateError(
                f"this state belongs to {side} account {known}, but the credentials open account {account.id}: "
                f"use the other credentials, or another `state:` in connector.yaml for this account"
            )
