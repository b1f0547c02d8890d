"""Tree to statement: puts scope, field list, filters, order and child queries of one query together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from connector.sandbox.salesforce.schema import Schema, SObject
from connector.sandbox.salesforce.soql.errors import no_entity, no_relationship, pointed
from connector.sandbox.salesforce.soql.filters import Filter
from connector.sandbox.salesforce.soql.grouping import grouping, is_grouped
from connector.sandbox.salesforce.soql.operands import Operand, filterable
from connector.sandbox.salesforce.soql.scope import IDS, Scope
from connector.sandbox.salesforce.soql.selection import Selection
from connector.sandbox.salesforce.soql.statement import Children, Statement
from connector.sandbox.salesforce.soql.tree import Condition, Ordering, Path, Select
from connector.sandbox.salesforce.soql.values import Reading, Value


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles the queries of one SOQL text."""

    text: str
    schema: Schema
    now: datetime
    base: str
    include_deleted: bool
    user_id: str
    _numbers: Iterator[int] = field(default_factory=count)

    def statement(self, select: Select) -> Statement:
        """The statement of a top-level query.

        Raises:
            SoqlError: whatever the vendor refuses.
        """
        name = select.source.names[-1]
        sobject = self.schema.sobject(name)
        if sobject is None or len(select.source.names) > 1:
            raise no_entity(self.text, select.source.at, select.source.written)
        return self._statement(select, sobject)

    def _statement(self, select: Select, sobject: SObject) -> Statement:
        scope = Scope(self.text, self.schema, sobject, select.aliases, self._numbers)
        return self._grouped(select, scope) if is_grouped(select) else self._plain(select, scope)

    def _plain(self, select: Select, scope: Scope) -> Statement:
        children: list[Children] = []
        selection = Selection(scope, self.base, self._child_of(scope.sobject, children))
        for one in select.selected:
            selection.add(one)
        where, parameters = self._where(select, scope)
        return Statement(
            sobject=scope.sobject,
            columns=selection.columns,
            shape=selection.shape,
            select=selection.sql,
            order=self._order(select, scope, {}),
            source=scope.source,
            id_column=scope.root.column("Id"),
            where=where,
            parameters=parameters,
            limit=select.limit,
            offset=select.offset,
            children=children,
        )

    def _grouped(self, select: Select, scope: Scope) -> Statement:
        groups = grouping(scope, select)
        where, parameters = self._where(select, scope)
        having = ""
        if select.having is not None:
            having, more = self._filter(scope, select.having, aggregates=True)
            parameters += more
        return Statement(
            sobject=scope.sobject,
            columns=groups.columns,
            shape=groups.shape,
            select=groups.sql,
            order=self._order(select, scope, groups.aliases),
            source=scope.source,
            id_column=scope.root.column("Id"),
            where=where,
            parameters=parameters,
            group=groups.group,
            having=having,
            limit=select.limit,
            offset=select.offset,
        )

    def _where(self, select: Select, scope: Scope) -> tuple[str, list[Value]]:
        parts: list[str] = []
        parameters: list[Value] = []
        if select.where is not None:
            sql, parameters = self._filter(scope, select.where)
            parts.append(sql)
        if select.scope == "mine" and scope.sobject.field("OwnerId"):
            parts.append(f"{scope.root.column('OwnerId')} = ?")
            parameters.append(self.user_id)
        if "IsDeleted" in scope.sobject.fields and not (self.include_deleted or select.all_rows):
            # The plus keeps SQLite from serving this nearly constant column from an index.
            parts.append(f"+{scope.root.column('IsDeleted')} = 0")
        return " AND ".join(f"({part})" for part in parts), parameters

    def _filter(self, scope: Scope, condition: Condition, *, aggregates: bool = False) -> tuple[str, list[Value]]:
        building = Filter(scope, Reading(self.text, self.now), self._semi_join, aggregates)
        sql = building.sql(condition)
        return sql, building.parameters

    def _order(self, select: Select, scope: Scope, aliases: dict[str, str]) -> str:
        return ", ".join(self._ordering(one, scope, aliases) for one in select.order)

    def _ordering(self, one: Ordering, scope: Scope, aliases: dict[str, str]) -> str:
        """Empty values come first unless NULLS LAST is said, in both directions."""
        if isinstance(one.by, Path) and one.by.written.lower() in aliases:
            sql, nullable = aliases[one.by.written.lower()], True
        else:
            by = filterable(scope, one.by, "sorted")
            sql, nullable = by.sql, _can_be_empty(by)
        direction = " DESC" if one.descending else ""
        nulls = one.nulls or "FIRST"
        natural = "LAST" if one.descending else "FIRST"
        return f"{sql}{direction}" + (f" NULLS {nulls}" if nullable and nulls != natural else "")

    def _child_of(
        self, parent: SObject, children: list[Children]
    ) -> Callable[[Select], tuple[str, Callable[[Any], Any]]]:
        """What compiles a child query of `parent` and keeps it in `children`."""

        def child(select: Select) -> tuple[str, Callable[[Any], Any]]:
            wanted = select.source.names[-1].lower()
            relations = parent.child_relationships.items()
            found = next(((name, *target) for name, target in relations if name.lower() == wanted), None)
            sobject = self.schema.sobject(found[1]) if found else None
            if found is None or sobject is None:
                raise no_relationship(self.text, select.source.at, select.source.written, child=True)
            if is_grouped(select):
                raise pointed(self.text, select.at, "MALFORMED_QUERY", "Aggregates are not allowed in child queries")
            statement = self._statement(select, sobject)
            reference = statement.id_column.replace('"Id"', f'"{found[2]}"')
            children.append(Children(statement, reference))
            return found[0], children[-1].of

        return child

    def _semi_join(self, outer: Scope, left: Operand, path: Path, select: Select) -> tuple[str, list[Value]]:
        """The inner SELECT of `IN (SELECT …)`: one id column, empty ones left out so that NOT IN holds."""
        sobject = self.schema.sobject(select.source.written)
        if sobject is None:
            raise no_entity(self.text, select.source.at, select.source.written)
        if sobject is outer.sobject and left.type == "id":
            reason = "The inner and outer selects should not be on the same object type"
            raise pointed(self.text, select.at, "MALFORMED_QUERY", reason)
        scope = Scope(self.text, self.schema, sobject, select.aliases, self._numbers)
        first = select.selected[0].what
        if len(select.selected) > 1 or not isinstance(first, Path):
            raise pointed(self.text, select.at, "MALFORMED_QUERY", "A semi-join selects exactly one id field")
        inner = filterable(scope, first, "filtered")
        self._same_target(outer, (left, path), scope, (inner, first))
        where, parameters = self._where(select, scope)
        conditions = f"{where} AND " if where else ""
        sql = f"SELECT {inner.sql} FROM {scope.source} WHERE {conditions}{inner.sql} IS NOT NULL"  # noqa: S608 - names come from the schema, values are marks
        return sql, parameters

    def _same_target(self, outer: Scope, left: tuple[Operand, Path], scope: Scope, inner: tuple[Operand, Path]) -> None:
        if _targets(outer, left[0]) & _targets(scope, inner[0]):
            return
        reason = (
            f"The selected field '{inner[1].written}' in the subquery and the left operand field in the where "
            f"expression in the outer query '{left[1].written}' should point to the same object type"
        )
        raise pointed(self.text, inner[1].at, "MALFORMED_QUERY", reason)


def _targets(scope: Scope, value: Operand) -> set[str]:
    """The objects whose ids an id expression can hold."""
    if value.type not in IDS or value.found is None:
        return set()
    if value.type == "reference":
        return set(value.found.field.reference_to)
    return {entity.sobject.name for entity in value.found.place.entities or (scope.root,)}


def _can_be_empty(value: Operand) -> bool:
    return value.found is None or value.aggregate or value.found.field.nillable or bool(value.found.place.names)
