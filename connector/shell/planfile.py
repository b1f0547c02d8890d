"""A plan as a file to be read and approved: JSON lines, the head first, then every action.

The file carries nothing out by itself: applying it applies the stored plan of the same id, and only while both
say the same, action for action.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

import orjson

from connector.errors import BrakeError, SettingsError
from connector.model import Action, Plan
from connector.state.store import Store

FORMAT = 1


def write(store: Store, plan: Plan, path: Path) -> int:
    """Write a plan, readable for its owner only; gives the number of actions.

    Raises:
        SettingsError: the file cannot be written.
    """
    count = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # created with mode 0600
        with os.fdopen(handle, "wb") as file:
            file.write(_head(plan) + b"\n")
            for count, action in enumerate(_actions(store, plan.id), 1):  # noqa: B007 - counted while written
                file.write(_line(action) + b"\n")
        Path(fresh).replace(path)
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}; choose another file") from None
    return count


def plan_id(store: Store, given: str) -> str:
    """The plan that a person names: by its id, or by a file that must still say what the store says.

    Raises:
        SettingsError: the file is not a plan.
        BrakeError: the store's plan is another one than the file's.
    """
    path = Path(given)
    if not path.is_file():
        return given
    lines = _lines(path)
    head = next(lines, None)
    if not isinstance(head, dict) or head.get("revloop_plan") != FORMAT or not isinstance(head.get("id"), str):
        raise SettingsError(f"{path} is no plan of this version: make one with `revloop plan --out {path}`")
    plan = store.plans.get(head["id"])
    if plan is None:
        raise BrakeError(f"{path} holds plan {head['id']}, which this project does not know; make a new one")
    if orjson.dumps(head) != _head(plan):
        raise BrakeError(f"{path}: the head is not that of plan {plan.id}: {_REFUSED}")
    for number, (found, action) in enumerate(zip_longest(lines, _actions(store, plan.id)), 2):
        if action is None or orjson.dumps(found) != _line(action):
            raise BrakeError(f"{path}, line {number} is not what plan {plan.id} says: {_REFUSED}")
    return plan.id


_REFUSED = (
    "a plan file is for reading and approving, what it says is changed in the mapping; nothing was written, make a "
    "new plan with `revloop plan --out`"
)


def _actions(store: Store, plan: str) -> Iterator[Action]:
    return chain.from_iterable(store.plans.actions(plan, states=None))


def _head(plan: Plan) -> bytes:
    return orjson.dumps(
        {
            "revloop_plan": FORMAT,
            "id": plan.id,
            "made_at": plan.made_at.isoformat(),
            "project_hash": plan.project_hash,
            "accounts": dict(plan.accounts),
            "counts": dict(plan.counts),
        }
    )


def _line(action: Action) -> bytes:
    return orjson.dumps(asdict(action), default=dict)


def _lines(path: Path) -> Iterator[Any]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield orjson.loads(line)
            except ValueError:
                raise SettingsError(f"{path}, line {number} is not JSON: make the file anew") from None
