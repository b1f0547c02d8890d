"""Plans, their actions as a stream, and the intents: what was sent to a CRM and not yet answered for.

An action's state is `planned`, `sent` (the intent is committed, the answer is not known), then one of
`done`, `refused`, `later`, `unknown`, `stale`, `held`. What follows from a state is the engine's business.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Literal, NamedTuple

import orjson
from sqlalchemy import and_, func, literal_column, or_, select

from connector.errors import StateError
from connector.model import Action, Base, Change, Conflict, Plan, Side
from connector.state import tables
from connector.state.database import CHUNK, AnyRow, Database, chunks, moment

State = Literal["planned", "sent", "done", "refused", "later", "unknown", "stale", "held"]
Status = Literal["building", "planned", "applied", "refused", "superseded"]

_plan = tables.plan.c
_action = tables.action.c
_COLUMNS = (
    _action.seq,
    _action.id,
    _action.kind,
    _action.object,
    _action.link,
    _action.side,
    _action.vendor_object,
    _action.record,
    _action.source,
    _action.body,
)
_REFUSED = (
    "FROM action AS first_step WHERE first_step.plan = action.plan AND first_step.link = action.link "
    "AND first_step.object = action.object AND first_step.side = action.side AND first_step.record = action.record "
    "AND first_step.kind = 'update' AND first_step.state = 'refused'"
)
"""The refused update that comes before an action on the same record."""
_SENT = or_(_action.state == "sent", _action.state == "unknown")


class Intents(NamedTuple):
    """One batch that was sent and not answered for; `job` is the CRM's name for it when it outlives the call."""

    plan_id: str
    batch: str
    job: str | None
    sent_at: datetime
    actions: list[tuple[Action, str]]  # with the record's stamp as it was read just before


class Plans:
    """Plans by id, and their actions in the order they were added."""

    def __init__(self, database: Database) -> None:
        self._db = database

    # --- making a plan ------------------------------------------------------------------------------------

    def begin(
        self, id: str, run: str, made_at: datetime, project_hash: str, accounts: Mapping[str, str], upto: int
    ) -> None:
        """Begin a plan; until `finish` its status is `building`, which nobody applies."""
        self._db.run(
            "INSERT INTO plan (id, run, made_at, project_hash, accounts, upto, counts, status) "
            "VALUES (?, ?, ?, ?, ?, ?, '{}', 'building')",
            (id, run, moment(made_at), project_hash, _json(accounts), upto),
        )

    def add(self, plan_id: str, actions: Sequence[Action]) -> None:
        """Append actions; one that the plan holds already (same id) is not added twice."""
        with self._db.transaction():
            found = self._db.first(select(func.max(_action.seq)).where(_action.plan == plan_id))
            start = 1 + (found[0] or 0 if found else 0)
            self._db.many(
                "INSERT INTO action (plan, seq, id, kind, object, link, side, vendor_object, record, source, body, "
                "state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'planned') ON CONFLICT (plan, id) DO NOTHING",
                [_row(plan_id, seq, action) for seq, action in enumerate(actions, start)],
            )

    def extend(self, plan_id: str, extended: Sequence[tuple[str, Action]]) -> None:
        """Replace planned actions, named by their ids, by what they became when the rules added to them."""
        self._db.many(
            "UPDATE action SET id = ?, body = ? WHERE plan = ? AND id = ? AND state = 'planned'",
            [(action.id, _row(plan_id, 0, action)[-1], plan_id, id_) for id_, action in extended],
        )

    def spare(self, plan_id: str, carrier: str, side: Side, keys: Collection[str]) -> int:
        """Take the removal of rows, by key, out of a plan in the making; gives how many there were."""
        return self._db.many(
            "DELETE FROM action WHERE plan = ? AND kind = 'drop' AND object = ? AND side = ? AND record = ?",
            [(plan_id, carrier, side, key) for key in keys],
        )

    def finish(self, plan_id: str, counts: Mapping[str, Any]) -> None:
        """Complete a plan: from now on it may be applied."""
        self._db.run(
            "UPDATE plan SET counts = ?, status = CASE status WHEN 'building' THEN 'planned' ELSE status END "
            "WHERE id = ?",
            (_json(counts), plan_id),
        )

    def drop_old(self, keep: int) -> None:
        """Forget the actions of all plans but the newest `keep`; plans with open intents keep theirs."""
        with self._db.transaction():
            newest = [row.id for row in self._db.rows(select(_plan.id).order_by(_plan.number.desc()).limit(keep))]
            open_ = select(_action.plan).where(_SENT).distinct()
            old = select(_action.plan).distinct().where(_action.plan.not_in(newest), _action.plan.not_in(open_))
            for row in self._db.rows(old):
                self._db.run("DELETE FROM action WHERE plan = ?", (row.plan,))

    # --- reading ------------------------------------------------------------------------------------------

    def get(self, plan_id: str) -> Plan | None:
        """A plan's head."""
        found = self._db.first(select(tables.plan).where(_plan.id == plan_id))
        return _as_plan(found) if found else None

    def latest(self) -> Plan | None:
        """The newest plan that was finished."""
        where = _plan.status != "building"
        found = self._db.first(select(tables.plan).where(where).order_by(_plan.number.desc()).limit(1))
        return _as_plan(found) if found else None

    def upto(self, plan_id: str) -> int:
        """The change number up to which the plan looked at the mirror; 0 for an unknown plan."""
        found = self._db.first(select(_plan.upto).where(_plan.id == plan_id))
        return int(found.upto) if found else 0

    def status(self, plan_id: str) -> Status | None:
        """`building`, `planned`, `applied`, `refused` or `superseded`; None for an unknown plan."""
        found = self._db.first(select(_plan.status).where(_plan.id == plan_id))
        return found.status if found else None

    def set_status(self, plan_id: str, status: Status) -> None:
        """Note what became of a plan."""
        self._db.run("UPDATE plan SET status = ? WHERE id = ?", (status, plan_id))

    def actions(
        self,
        plan_id: str,
        *,
        kind: str | None = None,
        object: str | None = None,
        side: Side | None = None,
        states: Collection[str] | None = ("planned",),
        chunk: int = CHUNK,
    ) -> Iterator[list[Action]]:
        """A plan's actions in the order added, in lists; their states may change on the way. None: every state."""
        where = [_action.plan == plan_id]
        if states is not None:
            where.append(_action.state.in_(list(states)))
        for column, wanted in ((_action.kind, kind), (_action.object, object), (_action.side, side)):
            if wanted is not None:
                where.append(column == wanted)
        last = 0
        while rows := self._db.rows(
            select(*_COLUMNS).where(and_(*where), _action.seq > last).order_by(_action.seq).limit(chunk)
        ):
            last = rows[-1].seq
            yield [_as_action(row) for row in rows]

    def ids(
        self, plan_id: str, *, kind: str, object: str, side: Side, chunk: int = 10 * CHUNK
    ) -> Iterator[list[tuple[str, str]]]:
        """(action id, vendor object) of planned actions in the order added; states may change on the way."""
        where = and_(_action.plan == plan_id, _action.kind == kind, _action.object == object, _action.side == side)
        columns, last = select(_action.seq, _action.id, _action.vendor_object), 0
        while rows := self._db.rows(
            columns.where(where, _action.state == "planned", _action.seq > last).order_by(_action.seq).limit(chunk)
        ):
            last = rows[-1].seq
            yield [(row.id, row.vendor_object) for row in rows]

    def some(self, plan_id: str, ids: Sequence[str]) -> list[Action]:
        """Actions by id, in the order of `ids`."""
        found: dict[str, Action] = {}
        for part in chunks(ids):
            rows = self._db.rows(select(*_COLUMNS).where(_action.plan == plan_id, _action.id.in_(part)))
            found.update((row.id, _as_action(row)) for row in rows)
        return [found[each] for each in ids]

    def of_links(self, plan_id: str, links: Collection[str], kinds: Collection[str]) -> dict[str, list[Action]]:
        """Link -> its actions of some kinds in this plan, in the order added."""
        found: dict[str, list[Action]] = {}
        for some in chunks(links):
            where = and_(_action.plan == plan_id, _action.link.in_(some), _action.kind.in_(list(kinds)))
            for row in self._db.rows(select(*_COLUMNS).where(where).order_by(_action.seq)):
                found.setdefault(row.link, []).append(_as_action(row))
        return found

    def rows(self, plan_id: str, carrier: str, side: Side, keys: Collection[str]) -> set[str]:
        """Those of a custom object's row keys that the plan writes or removes on one side."""
        found: set[str] = set()
        kinds = _action.kind.in_(["put", "drop"])
        mine = and_(_action.plan == plan_id, kinds, _action.object == carrier, _action.side == side)
        for some in chunks(keys):
            rows = self._db.rows(select(_action.record).where(mine, _action.record.in_(some)))
            found.update(row.record for row in rows)
        return found

    def unfinished(self, plan_id: str, links: Collection[str]) -> set[str]:
        """Those of the links that have an action on their records which is not done."""
        found: set[str] = set()
        rows = _action.kind.in_(["put", "drop"])
        for some in chunks(links):
            where = and_(_action.plan == plan_id, _action.link.in_(some), _action.state != "done", ~rows)
            found.update(row.link for row in self._db.rows(select(_action.link).where(where).distinct()))
        return found

    def proposed(self, plan_id: str, object: str, side: Side, ids: Collection[str]) -> dict[str, tuple[str, str]]:
        """Record id -> (link, vendor object of the counterpart) that the plan is about to make for it.

        The counterpart is created, or exists and is adopted.
        """
        other = "salesforce" if side == "hubspot" else "hubspot"
        made = and_(_action.kind == "create", _action.side == other)
        # Written so that SQLite searches by the ids: `kind` spelled out for the partial index, and no plain
        # IS NOT NULL, which it takes for a range worth searching.
        met = and_(_action.kind == literal_column("'adopt'"), func.coalesce(_action.source, "") != "")
        column = _action.source if side == "hubspot" else _action.record
        found: dict[str, tuple[str, str]] = {}
        for some in chunks(ids):
            for kind, by in ((made, _action.source), (met, column)):
                where = and_(_action.plan == plan_id, _action.object == object, kind, by.in_(some))
                rows = self._db.rows(select(by, _action.link, _action.vendor_object).where(where))
                found.update((row[0], (row[1], row[2])) for row in rows)
        return found

    def state_counts(self, plan_id: str) -> dict[tuple[str, str, str], int]:
        """How many actions by (kind, side, state)."""
        by = (_action.kind, _action.side, _action.state)
        rows = self._db.rows(select(*by, func.count()).where(_action.plan == plan_id).group_by(*by))
        return {(row[0], row[1], row[2]): row[3] for row in rows}

    def notes(
        self, plan_id: str, states: Collection[State], chunk: int = CHUNK
    ) -> Iterator[list[tuple[Action, str, str]]]:
        """Actions in some states with (state, note), in the order added: for the report of a run."""
        last, where = 0, and_(_action.plan == plan_id, _action.state.in_(list(states)))
        columns = select(*_COLUMNS, _action.state, _action.note)
        while rows := self._db.rows(columns.where(where, _action.seq > last).order_by(_action.seq).limit(chunk)):
            last = rows[-1].seq
            yield [(_as_action(row), row.state, row.note or "") for row in rows]

    # --- intents ------------------------------------------------------------------------------------------

    def send(self, plan_id: str, rows: Sequence[tuple[str, str]], at: datetime, batch: str) -> None:
        """Commit the intent to send actions: after this, a killed run knows what it may have done.

        Args:
            plan_id: the plan.
            rows: (action id, the record's `modified` stamp as read just before) each.
            at: now.
            batch: what the call is called from now on.

        Raises:
            StateError: an action is unknown or done already.
        """
        sent = moment(at)
        with self._db.transaction():
            met = self._db.many(
                "UPDATE action SET state = 'sent', seen_modified = ?, sent_at = ?, batch = ?, job = NULL "
                "WHERE plan = ? AND id = ? AND state <> 'done'",
                [(seen, sent, batch, plan_id, id_) for id_, seen in rows],
            )
            if met != len(rows):
                raise StateError(
                    f"plan {plan_id}: an action that was done already was to be sent again; make a new plan"
                )

    def job(self, plan_id: str, batch: str, job_id: str) -> None:
        """Note under which name a CRM goes on with a batch."""
        self._db.run(
            "UPDATE action SET job = ? WHERE plan = ? AND batch = ? AND state = 'sent'", (job_id, plan_id, batch)
        )

    def settle(self, plan_id: str, rows: Sequence[tuple[str, State, str]]) -> None:
        """Note what came of actions: (action id, state, note) each."""
        sql = "UPDATE action SET state = ?, note = ? WHERE plan = ? AND id = ?"
        self._db.many(sql, [(state, note, plan_id, id_) for id_, state, note in rows])

    def hold_followers(self, plan_id: str, object: str) -> None:
        """Hold every planned `restage` whose update was refused, for the same reason: it would come to nothing."""
        self._db.run(
            f"UPDATE action SET state = 'held', note = (SELECT MIN(first_step.note) {_REFUSED}) "  # noqa: S608 - ours
            f"WHERE plan = ? AND kind = 'restage' AND object = ? AND state = 'planned' "
            f"AND EXISTS (SELECT 1 {_REFUSED})",
            (plan_id, object),
        )

    def open(self) -> _Open:
        """What was sent and not answered for, of any plan, batch by batch."""
        columns = select(*_COLUMNS, _action.plan, _action.batch, _action.job, _action.sent_at, _action.seen_modified)
        rows = self._db.rows(columns.where(_SENT).order_by(_action.plan, _action.batch, _action.seq))
        found = []
        for (plan_id, batch), some in groupby(rows, key=lambda row: (row.plan, row.batch)):
            each = list(some)
            at = datetime.fromisoformat(each[0].sent_at)
            found.append(
                Intents(plan_id, batch, each[0].job, at, [(_as_action(row), row.seen_modified or "") for row in each])
            )
        return found


_Open = list[Intents]


def _row(plan_id: str, seq: int, action: Action) -> tuple[Any, ...]:
    body = [
        [(c.field, c.before, c.after, c.because) for c in action.changes],
        [(c.field, c.base, c.hubspot, c.salesforce, c.decided, c.because) for c in action.conflicts],
        None if action.base is None else (dict(action.base.hubspot), dict(action.base.salesforce)),
        action.code,
        action.reason,
        action.data,
    ]
    return (
        plan_id,
        seq,
        action.id,
        action.kind,
        action.object,
        action.link,
        action.side,
        action.vendor_object,
        action.record,
        action.source,
        _json(body),
    )


def _as_action(row: AnyRow) -> Action:
    changes, conflicts, base, code, reason, *data = orjson.loads(row.body)
    return Action(
        row.id,
        row.kind,
        row.object,
        row.link,
        row.side,
        row.vendor_object,
        row.record,
        row.source,
        tuple([Change(*each) for each in changes]),
        tuple([Conflict(*each) for each in conflicts]),
        None if base is None else Base(*base),
        code,
        reason,
        data[0] if data else None,
    )


def _as_plan(row: AnyRow) -> Plan:
    made_at = datetime.fromisoformat(row.made_at)
    return Plan(row.id, made_at, row.project_hash, orjson.loads(row.accounts), orjson.loads(row.counts))


def _json(value: Any) -> str:
    return orjson.dumps(value, default=dict).decode()
