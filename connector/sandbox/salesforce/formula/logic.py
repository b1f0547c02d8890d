"""The logical functions, and those that ask how the record was before."""

from __future__ import annotations

from collections.abc import Callable

from connector.sandbox.salesforce.formula.expressions import (
    BOOLEAN,
    MULTI,
    NULL,
    PICKLIST,
    TEXT,
    Moment,
    Part,
    Run,
    count,
    expect,
    plain,
)
from connector.sandbox.salesforce.formula.operators import equality
from connector.sandbox.salesforce.formula.tokens import FormulaError

Builder = Callable[[str, list[Part]], Part]
_MANY = 10_000


def _all(name: str, parts: list[Part]) -> Part:
    return Part(BOOLEAN, _joined(name, parts, decisive=False))


def _any(name: str, parts: list[Part]) -> Part:
    return Part(BOOLEAN, _joined(name, parts, decisive=True))


def _joined(name: str, parts: list[Part], *, decisive: bool) -> Run:
    """AND and OR: the first part with the decisive value settles it, otherwise a blank one leaves it blank."""
    count(name, len(parts), 1, _MANY)
    where = f"operator '{name}'" if name in ("&&", "||") else f"function '{name}()'"
    runs = [expect(where, part, BOOLEAN).run for part in parts]

    def run(moment: Moment) -> bool | None:
        blank = False
        for one in runs:
            value: bool | None = one(moment)
            if value is decisive:
                return decisive
            blank = blank or value is None
        return None if blank else not decisive

    return run


def _not(name: str, parts: list[Part]) -> Part:
    count(name, len(parts), 1)
    run = expect(f"function '{name}()'", parts[0], BOOLEAN).run

    def turned(moment: Moment) -> bool | None:
        value = run(moment)
        return None if value is None else not value

    return Part(BOOLEAN, turned)


def _if(name: str, parts: list[Part]) -> Part:
    count(name, len(parts), 3)
    test = expect(f"function '{name}()'", parts[0], BOOLEAN).run
    kind = _common(name, parts[1:])
    first, second = parts[1].run, parts[2].run
    return Part(kind, lambda moment: first(moment) if test(moment) else second(moment))


def _case(name: str, parts: list[Part]) -> Part:
    if len(parts) < 4 or len(parts) % 2:  # noqa: PLR2004 - an expression, a value with its result, an else
        wanted = max(4, len(parts) + 1)
        raise FormulaError(
            f"Incorrect number of parameters for function '{name}()'. Expected {wanted}, received {len(parts)}"
        )
    subject = Part(TEXT, parts[0].run) if parts[0].kind == PICKLIST else plain(parts[0])
    where = f"function '{name}()'"
    tests = [equality(where, subject, value).run for value in parts[1:-1:2]]
    results = parts[2:-1:2]
    kind = _common(name, [*results, parts[-1]])
    pairs = list(zip(tests, [one.run for one in results], strict=True))
    otherwise = parts[-1].run

    def run(moment: Moment) -> object:
        return next((result for test, result in pairs if test(moment)), otherwise)(moment)

    return Part(kind, run)


def _common(name: str, parts: list[Part]) -> str:
    """The data type that several parts share."""
    kinds = [plain(part).kind for part in parts if part.kind != NULL]
    for kind in kinds:
        if kind != kinds[0]:
            raise FormulaError(
                f"Incorrect parameter type for function '{name}()'. Expected {kinds[0]}, received {kind}"
            )
    return kinds[0] if kinds else NULL


def _is_blank(name: str, parts: list[Part]) -> Part:
    """ISBLANK and ISNULL; a text field is never null, so ISNULL of it is false (Salesforce Help, «ISNULL»)."""
    count(name, len(parts), 1)
    run = plain(parts[0]).run
    if name == "ISNULL" and parts[0].kind == TEXT:
        return Part(BOOLEAN, lambda _: False)
    return Part(BOOLEAN, lambda moment: run(moment) in (None, ""))


def _blank_value(name: str, parts: list[Part]) -> Part:
    count(name, len(parts), 2)
    kind = _common(name, parts)
    first, second = parts[0].run, parts[1].run

    def run(moment: Moment) -> object:
        value = first(moment)
        return second(moment) if value in (None, "") else value

    return Part(kind, run)


def _is_picked(name: str, parts: list[Part]) -> Part:
    count(name, len(parts), 2)
    run = _picklist(name, parts[0], PICKLIST).run
    wanted = _literal(name, parts[1])
    return Part(BOOLEAN, lambda moment: (run(moment) or "") == wanted)


def _includes(name: str, parts: list[Part]) -> Part:
    count(name, len(parts), 2)
    run = _picklist(name, parts[0], MULTI).run
    wanted = _literal(name, parts[1])
    return Part(BOOLEAN, lambda moment: wanted in str(run(moment) or "").split(";"))


def _picklist(name: str, part: Part, kind: str) -> Part:
    if part.kind == kind:
        return part
    raise FormulaError(f"Incorrect parameter type for function '{name}()'. Expected {kind}, received {part.kind}")


def _literal(name: str, part: Part) -> str:
    """The text of a parameter that must be written out."""
    if part.literal and part.kind == TEXT and part.label is not None:
        return part.label
    raise FormulaError(f"Incorrect parameter type for function '{name}()'. Expected Text literal, received {part.kind}")


def _is_new(name: str, parts: list[Part]) -> Part:
    count(name, len(parts), 0)
    return Part(BOOLEAN, lambda moment: moment.old is None)


def _is_changed(name: str, parts: list[Part]) -> Part:
    count(name, len(parts), 1)
    now, before = parts[0].run, _field(name, parts[0])
    return Part(BOOLEAN, lambda moment: moment.old is not None and now(moment) != before(moment))


def _prior_value(name: str, parts: list[Part]) -> Part:
    """Of a new record, the value it is created with (Salesforce Help, «PRIORVALUE»)."""
    count(name, len(parts), 1)
    now, before = parts[0].run, _field(name, parts[0])
    return Part(
        parts[0].kind, lambda moment: now(moment) if moment.old is None else before(moment), label=parts[0].label
    )


def _field(name: str, part: Part) -> Run:
    if part.before is None:
        raise FormulaError(f"Incorrect parameter for function '{name}()'. Expected a field of the object itself")
    return part.before


LOGIC: dict[str, Builder] = {
    "AND": _all,
    "&&": _all,
    "OR": _any,
    "||": _any,
    "NOT": _not,
    "IF": _if,
    "CASE": _case,
    "ISBLANK": _is_blank,
    "ISNULL": _is_blank,
    "BLANKVALUE": _blank_value,
    "NULLVALUE": _blank_value,
    "ISPICKVAL": _is_picked,
    "INCLUDES": _includes,
    "ISNEW": _is_new,
    "ISCHANGED": _is_changed,
    "PRIORVALUE": _prior_value,
}
