"""Telling running sandboxes what to do, over their `/_sandbox/…` doors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from connector.errors import LaterError, SettingsError
from connector.model import SIDES, Side

_TIMEOUT = (3.0, 600.0)
"""Seconds to connect, and to answer: loading a large folder takes a while."""

Addresses = Mapping[Side, str]


def addresses(hubspot_port: int, salesforce_port: int) -> Addresses:
    """Where sandboxes on these ports listen."""
    return {"hubspot": f"http://127.0.0.1:{hubspot_port}", "salesforce": f"http://127.0.0.1:{salesforce_port}"}


def load(where: Addresses, folder: Path) -> dict[str, dict[str, int]]:
    """Load `hubspot/*.csv` and `salesforce/*.csv` of a folder; gives the rows per object of each side.

    Raises:
        SettingsError: there is nothing to load, or a file does not fit.
        LaterError: a sandbox does not answer.
    """
    sides = [side for side in SIDES if (folder / side).is_dir()]
    if not sides:
        raise SettingsError(f"{folder} has neither a folder hubspot nor a folder salesforce with CSV files")
    found: dict[str, dict[str, int]] = {}
    for side in sides:
        found[side] = order(where[side], "load_folder", {"folder": str((folder / side).resolve())})["loaded"]
    return found


def reset(where: Addresses) -> None:
    """Bring both back to the state of a new account. Raises as `order` does."""
    for side in SIDES:
        order(where[side], "reset", {})
        order(where[side], "faults", None, method="DELETE")


def order(address: str, door: str, body: Mapping[str, Any] | None, method: str = "POST") -> dict[str, Any]:
    """Send one order.

    Raises:
        SettingsError: the sandbox refuses it; its words say why.
        LaterError: no sandbox answers there.
    """
    try:
        answer = requests.request(method, f"{address}/_sandbox/{door}", json=body, timeout=_TIMEOUT)
    except requests.RequestException:
        raise LaterError(f"no sandbox answers at {address}: start it with `revloop sandbox up`", 5.0) from None
    if not answer.ok:
        raise SettingsError(f"the sandbox at {address} refuses: {_words(answer)}")
    found = answer.json()
    return found if isinstance(found, dict) else {}


def _words(answer: requests.Response) -> str:
    try:
        return str(answer.json()["error"])
    except (ValueError, KeyError, TypeError):
        return f"status {answer.status_code}"
