"""SQLAlchemy's statements on SQLite without SQLAlchemy's care for each execution.

Of what a statement of ours costs, SQLite itself takes a quarter; the rest is the general way
from a statement to a cursor, the same every time. All our statements are constants, so that way
is walked once for each: the text, the order of its values and what converts them are kept.
Conversions are the column types' own, rows are SQLAlchemy's rows, errors are the driver's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData

Convert = Callable[[Any], Any] | None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """``slots``: name and conversion of each value in order; ``fixed``: those the statement has itself;
    ``conversions``: place and conversion of each column that has one."""

    text: str
    given: frozenset[str]
    slots: tuple[tuple[str, Convert], ...]
    fixed: Mapping[str, Any]
    shape: SimpleResultMetaData | None
    conversions: tuple[tuple[int, Callable[[Any], Any]], ...]


class Answer(IteratorResult[Any]):
    """All rows at once, so that the statement is over; ``rowcount`` as the driver counts."""

    rowcount: int


class Quick:
    """Stands for an `sqlalchemy.Connection` where only constant statements are executed."""

    def __init__(self, connection: sa.Connection) -> None:
        found = connection.connection.dbapi_connection
        assert isinstance(found, sqlite3.Connection)
        self._driver: sqlite3.Connection = found
        self._connection: sa.Connection = connection
        self._plans: dict[sa.Executable, Plan | None] = {}

    def execute(self, statement: sa.Executable, values: Any = None) -> sa.Result[Any]:
        """As `sqlalchemy.Connection.execute`; raises the driver's errors as they are."""
        given = {} if values is None else values
        if statement not in self._plans:
            self._plans[statement] = self._plan(statement, given)
        plan = self._plans[statement]
        if plan is None or isinstance(given, list) or plan.given != given.keys():
            return self._connection.execute(statement, values)
        known = {**plan.fixed, **given} if plan.fixed else given
        row = [known[name] if convert is None else convert(known[name]) for name, convert in plan.slots]
        cursor = self._driver.execute(plan.text, row)
        if plan.shape is None:
            answer = Answer(NO_COLUMNS, iter(()))
        else:
            answer = Answer(plan.shape, iter(_rows(plan.conversions, cursor.fetchall())))
        answer.rowcount = cursor.rowcount
        return answer

    def _plan(self, statement: sa.Executable, given: Any) -> Plan | None:
        """None for what changes from one execution to the next: several rows, lists of values."""
        if isinstance(given, list) or not isinstance(statement, sa.ClauseElement):
            return None
        dialect = self._connection.dialect
        compiled = statement.compile(dialect=dialect, column_keys=sorted(given))
        assert isinstance(compiled, sa.sql.compiler.SQLCompiler)
        computed = (*compiled.insert_prefetch, *compiled.update_prefetch)
        if computed or compiled.post_compile_params or compiled.literal_execute_params:
            return None
        assert compiled.positiontup is not None
        binds = {name: compiled.binds[name] for name in compiled.positiontup}
        columns = getattr(statement, "exported_columns", ())
        return Plan(
            text=str(compiled),
            given=frozenset(given),
            slots=tuple(
                (n, _impl(binds[n].type, dialect).bind_processor(dialect)) for n in compiled.positiontup
            ),
            fixed={n: b.effective_value for n, b in binds.items() if n not in given},
            shape=SimpleResultMetaData(list(columns.keys())) if columns else None,
            conversions=tuple(
                (place, convert)
                for place, column in enumerate(columns)
                if (convert := _impl(column.type, dialect).result_processor(dialect, None)) is not None
            ),
        )


NO_COLUMNS = SimpleResultMetaData(())


def _impl(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
    return kind.dialect_impl(dialect)


def _rows(
    conversions: tuple[tuple[int, Callable[[Any], Any]], ...], found: list[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    if not conversions:
        return found
    rows = []
    for one in found:
        row = list(one)
        for place, convert in conversions:
            row[place] = convert(row[place])
        rows.append(tuple(row))
    return rows
