"""The grammar of a SOQL query, text to tree; needs no schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from connector.sandbox.salesforce.soql.conditions import Conditions
from connector.sandbox.salesforce.soql.errors import SoqlError
from connector.sandbox.salesforce.soql.reader import Reader
from connector.sandbox.salesforce.soql.tree import (
    Call,
    Condition,
    FieldSet,
    Ordering,
    Path,
    Select,
    Selected,
)

LONGEST = 100_000
"""Characters of a query (facts: salesforce.md §2.2)."""
DEEPEST_OFFSET = 2000
FIELDS_LIMIT = 200

AGGREGATES = {"COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX"}
DATE_PARTS = {"CALENDAR_YEAR", "CALENDAR_QUARTER", "CALENDAR_MONTH", "DAY_IN_MONTH", "DAY_ONLY", "HOUR_IN_DAY"}
_FUNCTIONS = AGGREGATES | DATE_PARTS
_AFTER_SOURCE = {"USING", "WHERE", "WITH", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FOR", "ALL", "UPDATE"}
_NO_ALIAS = _AFTER_SOURCE | {"FROM", ""}
_DEEPEST_SELECT = 5

Entry = TypeVar("Entry")


def parse(soql: str) -> Select:
    """The tree of one query.

    Raises:
        SoqlError: MALFORMED_QUERY and kin, with the place in the query.
    """
    if len(soql) > LONGEST:
        raise SoqlError("MALFORMED_QUERY", f"SOQL statements can not be longer than {LONGEST} characters.")
    reader = Reader(soql)
    if reader.word() != "SELECT":
        raise SoqlError("MALFORMED_QUERY", f"unexpected token: '{reader.token.text or '<EOF>'}'")
    select = _Parser(reader).select()
    if reader.token.kind != "end":
        raise reader.refused()
    return select


class _Parser:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._conditions = Conditions(reader, self._operand, self.select)
        self._depth = 0

    def select(self) -> Select:
        reader = self._reader
        at = reader.token.at
        self._depth += 1
        if self._depth > _DEEPEST_SELECT:
            raise reader.refused()
        reader.demand_word("SELECT")
        selected = self._list(self._selected)
        reader.demand_word("FROM")
        source, aliases = self._source()
        scope = reader.demand_path().written.lower() if self._words("USING", "SCOPE") else None
        where = self._condition("WHERE")
        self._security()
        group = self._list(self._operand) if self._words("GROUP", "BY") else ()
        having = self._condition("HAVING")
        order = self._list(self._ordering) if self._words("ORDER", "BY") else ()
        limit = reader.demand_count() if reader.take_word("LIMIT") else None
        offset = self._offset() if reader.take_word("OFFSET") else 0
        all_rows = self._tail()
        self._field_sets(selected, limit)
        self._depth -= 1
        return Select(selected, source, aliases, at, scope, where, group, having, order, limit, offset, all_rows)

    def _list(self, entry: Callable[[], Entry]) -> tuple[Entry, ...]:
        entries = [entry()]
        while self._reader.take_sign(","):
            entries.append(entry())
        return tuple(entries)

    def _words(self, first: str, second: str) -> bool:
        """Pass two words that belong together, or none."""
        if self._reader.take_word(first) is None:
            return False
        self._reader.demand_word(second)
        return True

    def _condition(self, word: str) -> Condition | None:
        return self._conditions.condition() if self._reader.take_word(word) else None

    def _selected(self) -> Selected:
        reader = self._reader
        if reader.token.text == "(":
            reader.take()
            inner = self.select()
            reader.demand_sign(")")
            return Selected(inner, None)
        if reader.word() == "FIELDS" and reader.ahead().text == "(":
            return Selected(self._field_set(), None)
        what = self._operand()
        alias = None
        if reader.word() not in _NO_ALIAS:
            alias = reader.demand_path().written
        return Selected(what, alias)

    def _field_set(self) -> FieldSet:
        at = self._reader.take().at
        self._reader.demand_sign("(")
        which = self._reader.demand_word("ALL", "STANDARD", "CUSTOM")
        self._reader.demand_sign(")")
        return FieldSet(which, at)

    def _operand(self) -> Path | Call:
        """A field path, or a function over one."""
        reader = self._reader
        word = reader.word()
        if word == "FROM":
            raise reader.refused()
        if word not in _FUNCTIONS or reader.ahead().text != "(":
            return reader.demand_path()
        at = reader.take().at
        reader.demand_sign("(")
        argument = None
        if not (word == "COUNT" and reader.token.text == ")"):
            argument = reader.demand_path()
        reader.demand_sign(")")
        return Call(word, argument, at)

    def _source(self) -> tuple[Path, dict[str, tuple[str, ...]]]:
        """`Contact`, `Contact c` or `Contact c, c.Account a`: the first entry and what the aliases stand for."""
        source = self._reader.demand_path()
        aliases: dict[str, tuple[str, ...]] = {}
        own = self._alias()
        if own:
            aliases[own] = ()
        roots = {name.lower() for name in (own, source.names[-1]) if name}
        while self._reader.take_sign(","):
            entry = self._reader.demand_path()
            first, *rest = entry.names
            start = () if first.lower() in roots else aliases.get(first.lower(), (first,))
            alias = self._alias()
            if alias:
                aliases[alias] = (*start, *rest)
        return source, aliases

    def _alias(self) -> str | None:
        self._reader.take_word("AS")
        if self._reader.word() in _NO_ALIAS:
            return None
        return self._reader.demand_path().written.lower()

    def _ordering(self) -> Ordering:
        by = self._operand()
        descending = self._reader.take_word("ASC", "DESC") == "DESC"
        nulls = self._reader.demand_word("FIRST", "LAST") if self._reader.take_word("NULLS") else None
        return Ordering(by, descending, nulls)

    def _offset(self) -> int:
        offset = self._reader.demand_count()
        if offset > DEEPEST_OFFSET:
            raise SoqlError("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {DEEPEST_OFFSET}")
        return offset

    def _security(self) -> None:
        """WITH SECURITY_ENFORCED and its kin: there are no profiles here that could hide a field."""
        if self._reader.take_word("WITH"):
            self._reader.demand_word("SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE")

    def _tail(self) -> bool:
        """FOR … and UPDATE … change nothing that this CRM keeps; tells whether ALL ROWS was said."""
        reader = self._reader
        all_rows = False
        while word := reader.take_word("FOR", "UPDATE", "ALL"):
            if word == "ALL":
                reader.demand_word("ROWS")
                all_rows = True
            elif word == "FOR":
                reader.demand_word("VIEW", "REFERENCE", "UPDATE")
            else:
                reader.demand_word("TRACKING", "VIEWSTAT")
        return all_rows

    def _field_sets(self, selected: tuple[Selected, ...], limit: int | None) -> None:
        """FIELDS(ALL) and FIELDS(CUSTOM) may return an unknown width, so the vendor asks for a small LIMIT."""
        for one in selected:
            if not isinstance(one.what, FieldSet) or one.what.which == "STANDARD":
                continue
            if limit is None or limit > FIELDS_LIMIT:
                reason = f"The SOQL FIELDS function must have a LIMIT of at most {FIELDS_LIMIT}"
                raise self._reader.malformed(one.what.at, reason)
