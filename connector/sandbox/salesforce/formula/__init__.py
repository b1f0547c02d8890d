"""Formulas of validation rules: text to a checked, compiled condition over one record.

What a name stands for is decided in `names.py`, when rules run in `rules/validation.py`. Source of functions,
operators and refusals: Salesforce Help, «Formula Operators and Functions by Context»; functions it has and this
sandbox has not are refused as unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from connector.sandbox.salesforce.formula.expressions import BOOLEAN, NULL, NUMBER, TEXT, Moment, Names, Part, expect
from connector.sandbox.salesforce.formula.functions import FUNCTIONS
from connector.sandbox.salesforce.formula.logic import LOGIC
from connector.sandbox.salesforce.formula.operators import EvaluationError, negative, operation
from connector.sandbox.salesforce.formula.parser import Function, Literal, Name, Node, parse
from connector.sandbox.salesforce.formula.tokens import FormulaError

__all__ = ["EvaluationError", "FormulaError", "Moment", "Names", "condition", "names_in"]

_BUILDERS = {**LOGIC, **FUNCTIONS}
_SIGNS = ("=", "<>", "<", ">", "<=", ">=", "+", "-", "*", "/", "^", "&")


def condition(formula: str, names: Names) -> Callable[[Moment], bool]:
    """The compiled formula; called with a record it says whether the formula is TRUE.

    Raises:
        FormulaError: a mistake in the formula, in the vendor's words.
        EvaluationError: by the call, when the formula has no value for this record.
    """
    part = _compiled(parse(formula), names)
    if part.kind not in (BOOLEAN, NULL):
        raise FormulaError(
            f"Formula result is data type ({part.kind}), incompatible with expected data type (true or false)."
        )
    run = part.run
    return lambda moment: run(moment) is True


def names_in(formula: str) -> set[str]:
    """The names a formula uses, dotted and in small letters.

    Raises:
        FormulaError: it breaks the grammar.
    """
    found, waiting = set(), [parse(formula)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Name):
            found.add(".".join(node.path).lower())
        elif isinstance(node, Function):
            waiting += node.arguments
    return found


def _compiled(node: Node, names: Names) -> Part:
    if isinstance(node, Literal):
        return _literal(node)
    if isinstance(node, Name):
        return names.part(node.path)
    parts = [_compiled(one, names) for one in node.arguments]
    if node.name == "negative":
        return negative(parts[0])
    if node.name == "positive":
        return expect("operator '+'", parts[0], NUMBER)
    if node.name in _SIGNS:
        return operation(node.name, *parts)
    builder = _BUILDERS.get(node.name)
    if builder is None:
        raise FormulaError(f"Unknown function {node.name}. Check spelling.")
    return builder(node.name, parts)


def _literal(node: Literal) -> Part:
    value = node.value
    if value is None:
        return Part(NULL, lambda _: None, literal=True)
    kind = BOOLEAN if isinstance(value, bool) else NUMBER if isinstance(value, Decimal) else TEXT
    return Part(kind, lambda _: value, label=value if isinstance(value, str) else None, literal=True)
