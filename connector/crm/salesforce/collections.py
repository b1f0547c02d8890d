"""Writes by sObject Collections: up to 200 records in one call, each with its own result.

A call is one transaction per chunk of triggers, not of the batch: `allOrNone` is false, so a bad record holds only
itself. Records of one parent stand together, since parallel batches that share a parent lock each other out; what
is locked is tried again in smaller batches, one after the other. Source: REST API guide, «sObject Collections».
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Literal

from connector.crm.fan import spread
from connector.crm.http import LostAnswer
from connector.crm.salesforce.ids import to18
from connector.crm.salesforce.org import Fault, Org
from connector.crm.salesforce.problems import DUPLICATE, GONE, MAYBE_GONE, Problem, message, outcome, problems
from connector.crm.salesforce.soql import among, name, select
from connector.errors import ConnectorError, LaterError, SettingsError
from connector.model import Done, Later, Outcome, Refused, Unknown, Write

BATCH = 200
LOCK_ROUNDS = ((50, 1.0), (10, 3.0), (1, 6.0))
"""Batch size and seconds of pause of each further try of locked records."""
LOCKED_AT_MOST = 400
"""More locked records than this are not tried one by one: something large is running in the org."""
PARENTS = ("AccountId", "OpportunityId", "ContactId", "WhoId", "OwnerId")

Kind = Literal["upsert", "update", "insert", "delete"]


@dataclass(frozen=True, slots=True)
class Order:
    """One kind of write; `stamp` is the external id field of an upsert."""

    kind: Kind
    vendor_object: str
    stamp: str = ""


class _Locked(Later):
    """A record that another transaction keeps: worth trying again soon."""


class Collections:
    """Carries out writes and gives their outcomes in the order of the writes."""

    def __init__(self, org: Org, pool: Executor, width: int, pause: Callable[[float], None]) -> None:
        self._org = org
        self._pool = pool
        self._width = width
        self._pause = pause

    def write(self, order: Order, writes: Sequence[Write]) -> list[Outcome]:
        """Write records.

        Raises:
            SettingsError: a permission, the object or the stamp field; nothing was written.
            LaterError: limits, or the org cannot be reached; nothing was written.
        """
        outcomes: dict[int, Outcome] = {}
        errors: list[ConnectorError] = []
        by_parent = sorted(range(len(writes)), key=lambda at: parent(writes[at]))
        parts = list(cut(by_parent, BATCH))

        def work(part: Sequence[int]) -> list[Outcome]:
            return self._batch(order, [writes[at] for at in part], errors)

        for part, found in zip(parts, spread(self._pool, work, parts, self._width), strict=True):
            outcomes.update(zip(part, found, strict=True))
        if errors and all(isinstance(one, Later) for one in outcomes.values()):
            raise errors[0]
        self.retry_locked(order, writes, outcomes)
        self.tell_gone(order, writes, outcomes)
        return [outcomes[at] for at in range(len(writes))]

    def retry_locked(self, order: Order, writes: Sequence[Write], outcomes: dict[int, Outcome]) -> None:
        """Try what is locked again; what stays locked is left for later."""
        for size, wait in LOCK_ROUNDS:
            locked = [at for at in sorted(outcomes) if isinstance(outcomes[at], _Locked)]
            if not locked or (size == 1 and len(locked) > LOCKED_AT_MOST):
                return
            self._pause(wait)
            for part in cut(sorted(locked, key=lambda at: parent(writes[at])), size):
                found = self._batch(order, [writes[at] for at in part], [])
                outcomes.update(zip(part, found, strict=True))

    def tell_gone(self, order: Order, writes: Sequence[Write], outcomes: dict[int, Outcome]) -> None:
        """Tell a missing record from a missing reference, which Salesforce answers with the same codes."""
        doubtful = {
            at: write_id
            for at, one in outcomes.items()
            if isinstance(one, Refused) and one.code in MAYBE_GONE and (write_id := to18(writes[at].id or ""))
        }
        if not doubtful:
            return
        try:
            there = self._alive(order.vendor_object, doubtful.values())
        except ConnectorError:
            outcomes.update(dict.fromkeys(doubtful, Later("Salesforce refused it and could not say why", 60.0)))
            return
        for at, record in doubtful.items():
            if record in there:
                continue
            if order.kind == "delete":
                outcomes[at] = Done(record)
            else:
                outcomes[at] = Refused(GONE, "the record is deleted in Salesforce, or the user may not see it any more")

    def _alive(self, vendor_object: str, ids: Iterable[str]) -> set[str]:
        found: set[str] = set()
        for condition in among("Id", sorted(set(ids))):
            page = self._org.select(select(vendor_object, ("Id",), where=condition))
            found.update(to18(row["Id"]) for row in page["records"])
        return found

    def _batch(self, order: Order, writes: Sequence[Write], errors: list[ConnectorError]) -> list[Outcome]:
        """One call; an error that is not about the content is kept in `errors` and means the same for each record."""

        def send() -> list[Outcome]:
            try:
                return self._send(order, writes, errors)
            except (LaterError, SettingsError) as error:
                if not isinstance(error, LostAnswer):
                    errors.append(error)
                raise

        return or_later(send, len(writes))

    def _send(self, order: Order, writes: Sequence[Write], errors: list[ConnectorError]) -> list[Outcome]:
        try:
            told = self._call(order, writes)
        except Fault as fault:
            return self._faulty(order, writes, fault, errors)
        if not isinstance(told, list) or len(told) != len(writes):
            return [Unknown("Salesforce answered with another number of results than records")] * len(writes)
        return [_result(one, write) for one, write in zip(told, writes, strict=True)]

    def _call(self, order: Order, writes: Sequence[Write]) -> Any:
        if order.kind == "delete":
            params = {"ids": ",".join(to18(one.id or "") for one in writes), "allOrNone": "false"}
            return self._org.ask("composite/sobjects", "DELETE", params=params, repeat=True)
        kind = {"attributes": {"type": order.vendor_object}}
        if order.kind == "update":
            records = [{**kind, "id": to18(one.id or ""), **one.fields} for one in writes]
        else:
            records = [{**kind, **one.fields} for one in writes]
        path = "composite/sobjects"
        if order.kind == "upsert":
            path = f"{path}/{order.vendor_object}/{name(order.stamp)}"
        method = "POST" if order.kind == "insert" else "PATCH"
        body = {"allOrNone": False, "records": records}
        # an upsert by a unique stamp makes nothing twice; an update is repeated only by who knows its intent
        return self._org.ask(path, method, json=body, repeat=order.kind == "upsert")

    def _faulty(
        self, order: Order, writes: Sequence[Write], fault: Fault, errors: list[ConnectorError]
    ) -> list[Outcome]:
        """A whole batch was refused: find the record that is to blame, unless all are."""
        problem = fault.problem
        if problem.locked:
            return [_settled(problem)] * len(writes)
        if fault.status in (404, 405, 415) or problem.code in ("INVALID_TYPE", "INVALID_FIELD"):
            raise SettingsError(
                f"Salesforce takes no {order.kind} of {order.vendor_object} ({problem.code}): check that the object, "
                f"its fields{f' and the external id field {order.stamp}' if order.stamp else ''} exist and that the "
                "permission set lets the integration user write them"
            )
        if len(writes) == 1:
            return [outcome(problem)]
        middle = len(writes) // 2
        # each half has an end of its own: what the first has written stays written when the second fails
        return self._batch(order, writes[:middle], errors) + self._batch(order, writes[middle:], errors)


def _settled(problem: Problem) -> Outcome:
    settled = outcome(problem)
    return _Locked(settled.reason, settled.after) if problem.locked and isinstance(settled, Later) else settled


def _result(told: Any, write: Write) -> Outcome:
    """One record's result; Salesforce does not say what it stored."""
    if not isinstance(told, dict):
        return Unknown("Salesforce answered with a result that is none")
    if told.get("success"):
        return Done(to18(told.get("id") or write.id or ""), created=bool(told.get("created")))
    found = problems(told.get("errors") or [])
    return settle(found)


def settle(found: Sequence[Problem]) -> Outcome:
    """One outcome of all errors of a record; a lock is one that is worth trying again."""
    if not found:
        return Refused("UNKNOWN", "Salesforce refuses the record without a reason")
    first = next((one for one in found if one.locked), found[0])
    settled = _settled(first)
    if isinstance(settled, Refused) and settled.code != DUPLICATE and len(found) > 1:
        return Refused(settled.code, "; ".join(dict.fromkeys(message(one) for one in found)))
    return settled


def or_later(work: Callable[[], list[Outcome]], count: int) -> list[Outcome]:
    """Outcomes of further work after some is done already: an error may no longer be raised over what was written."""
    try:
        return work()
    except LostAnswer:
        return [Unknown("the answer of Salesforce was lost")] * count
    except LaterError as error:
        return [Later("Salesforce could not be asked", error.after)] * count
    except SettingsError:
        return [Later("Salesforce refused the call", 60.0)] * count


def parent(write: Write) -> str:
    """What records that lock each other out have in common."""
    return next((str(write.fields[one]) for one in PARENTS if write.fields.get(one)), "")


def cut(places: Sequence[int], size: int) -> Iterable[Sequence[int]]:
    """Consecutive parts of at most `size`."""
    return (places[at : at + size] for at in range(0, len(places), size))
