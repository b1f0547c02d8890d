"""The rows of custom objects that stand in the CRMs because we wrote them: by carrier and key, as confirmed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import func, select

from connector.model import Side
from connector.state import tables
from connector.state.database import Database, chunks

_carried = tables.carried.c


@dataclass(frozen=True, slots=True)
class CarriedRow:
    """One touchpoint or credit in one CRM; `belongs_to` is the person's or deal's key, `body` what was written.

    A row is in doubt from the moment when it is sent until the CRM has answered: it may stand there as `body` says, or
    otherwise, or not at all. `record` is empty where no answer ever named an id.
    """

    side: Side
    carrier: str
    key: str
    belongs_to: str
    record: str
    body: dict[str, Any]

    @property
    def in_doubt(self) -> bool:
        """Whether nobody knows what stands there."""
        return bool(self.body.get("doubt"))

    @property
    def fields(self) -> dict[str, str]:
        """The row as it was confirmed last; empty for one that never was."""
        return dict(self.body["fields"])

    @property
    def refs(self) -> dict[str, str | None]:
        """What it is known to point to; nothing while it is in doubt."""
        return {} if self.in_doubt else dict(self.body["refs"])


class Carried:
    """Rows by side, carrier and key."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def of(self, carrier: str, owners: Collection[str]) -> list[CarriedRow]:
        """Every row of these persons or deals, on both sides."""
        rows = (
            self._db.rows(select(*_carried).where(_carried.carrier == carrier, _carried.belongs_to.in_(some)))
            for some in chunks(owners)
        )
        return [_row(row) for some in rows for row in some]

    def get(self, side: Side, carrier: str, keys: Collection[str]) -> dict[str, CarriedRow]:
        """Rows by key."""
        found: dict[str, CarriedRow] = {}
        for some in chunks(keys):
            where = (_carried.side == side) & (_carried.carrier == carrier) & _carried.key.in_(some)
            found.update({row.key: _row(row) for row in self._db.rows(select(*_carried).where(where))})
        return found

    def count(self, side: Side) -> int:
        """How many rows stand in one CRM."""
        where = _carried.side == side
        return int(self._db.rows(select(func.count()).select_from(tables.carried).where(where))[0][0])

    def wrote(self, rows: Sequence[tuple[Side, str, str, str, str, Mapping[str, Any]]]) -> None:
        """Confirmed: (side, carrier, key, belongs to, record id, body) each."""
        self._db.many(
            "INSERT INTO carried (side, carrier, key, belongs_to, record, body) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (side, carrier, key) DO UPDATE SET belongs_to = excluded.belongs_to, "
            "record = excluded.record, body = excluded.body",
            [(*rest, orjson.dumps(body, default=dict).decode()) for *rest, body in rows],
        )

    def doubt(self, side: Side, carrier: str, rows: Sequence[tuple[str, str]]) -> None:
        """Sent: (key, belongs to) each may stand in any way until `wrote` or `removed` says so."""
        known = self.get(side, carrier, [key for key, _ in rows])
        bodies = {key: {**row.body, "doubt": True} for key, row in known.items()}
        new = {"fields": {}, "refs": {}, "memory": {}, "doubt": True}
        self.wrote(
            [
                (
                    side, carrier, key, known[key].belongs_to if key in known else owner,
                    known[key].record if key in known else "", bodies.get(key, new),
                )
                for key, owner in rows
            ]
        )  # fmt: skip

    def removed(self, side: Side, carrier: str, keys: Collection[str]) -> None:
        """Confirmed: these rows are no more."""
        sql = "DELETE FROM carried WHERE side = ? AND carrier = ? AND key = ?"
        self._db.many(sql, [(side, carrier, key) for key in keys])


def _row(row: Any) -> CarriedRow:
    return CarriedRow(row.side, row.carrier, row.key, row.belongs_to, row.record, orjson.loads(row.body))
