"""Composite: up to 25 calls in one, later ones using the answers of earlier ones; and graphs of them.

Source: REST API guide, «Composite», «Composite Graph»; the halting text is not sourced (facts §2.6).
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from connector.sandbox.salesforce.errors import ApiError, json_problem
from connector.sandbox.salesforce.http import Call, Paths, Reply
from connector.sandbox.salesforce.store import Undo

MOST_CALLS, MOST_HEAVY, MOST_GRAPHS, MOST_NODES = 25, 5, 75, 500
_REFERENCE = re.compile(r"@\{([^{}]+)\}")
_STEP = re.compile(r"([A-Za-z0-9_]+)|\[(\d+)\]")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*").fullmatch
_HEAVY = re.compile(r"/services/data/v[\d.]+/(query|queryAll|composite/sobjects)\b").match
_HALTED = "The transaction was rolled back since another operation in the same transaction failed."
_REFUSED = 400
_PASSED_ON = ("content-type", "sforce-duplicate-rule-header", "sforce-auto-assign")

Answers = dict[str, Any]


def add_to(paths: Paths) -> None:
    """Enter these resources into the table of paths."""
    paths.add("POST", "/composite", _composite)
    paths.add("POST", "/composite/graph", _graphs)


def _composite(call: Call) -> Reply:
    body = call.object()
    calls = _calls(body)
    if len(calls) > MOST_CALLS:
        raise ApiError("LIMIT_EXCEEDED", f"Limit exceeded: a composite request has at most {MOST_CALLS} calls")
    if sum(1 for one in calls if _HEAVY(str(one.get("url")))) > MOST_HEAVY:
        raise ApiError("LIMIT_EXCEEDED", f"Limit exceeded: at most {MOST_HEAVY} calls may be queries or collections")
    return Reply({"compositeResponse": _run(call, calls, whole=bool(body.get("allOrNone")))})


def _graphs(call: Call) -> Reply:
    graphs = call.object().get("graphs")
    if not isinstance(graphs, list):
        raise json_problem("The request body needs a list of graphs at [line:1, column:1]")
    nodes = sum(len(_calls(graph)) for graph in graphs)
    if len(graphs) > MOST_GRAPHS or nodes > MOST_NODES:
        raise ApiError(
            "LIMIT_EXCEEDED", f"Limit exceeded: at most {MOST_GRAPHS} graphs and {MOST_NODES} nodes in a payload"
        )
    answers = []
    for graph in graphs:
        responses = _run(call, _calls(graph), whole=True)
        sound = all(one["httpStatusCode"] < _REFUSED for one in responses)
        answers.append(
            {
                "graphId": graph.get("graphId"),
                "graphResponse": {"compositeResponse": responses},
                "isSuccessful": sound,
            }
        )
    return Reply({"graphs": answers})


def _calls(body: Answers) -> list[Answers]:
    """The calls of a composite body, their names checked."""
    calls = body.get("compositeRequest")
    if not isinstance(calls, list) or not all(isinstance(one, dict) for one in calls):
        raise json_problem("The request body needs a compositeRequest list at [line:1, column:1]")
    names = [str(one.get("referenceId")) for one in calls]
    if len(set(names)) < len(names) or not all(_NAME(name) for name in names):
        raise ApiError("INVALID_INPUT", "Each subrequest needs a referenceId of its own: letters, digits and _")
    return calls


def _run(call: Call, calls: list[Answers], *, whole: bool) -> list[Answers]:
    """The responses of the calls in order; `whole` undoes all of them when one fails."""
    bodies: Answers = {}
    responses: list[Answers] = []
    failed: set[int] = set()
    wrote = call.wrote
    with call.org.store.attempt():
        for place, one in enumerate(calls):
            if whole and failed:
                responses.append(_response(one, _halted()))
                continue
            reply = _one(call, one, bodies)
            bodies[one["referenceId"]] = reply.value
            responses.append(_response(one, reply))
            if reply.status >= _REFUSED or (whole and _partly(reply.value)):
                failed.add(place)
        if whole and failed:
            raise Undo
    if whole and failed:
        call.wrote = wrote
        responses = [
            one if place in failed else _response(calls[place], _halted()) for place, one in enumerate(responses)
        ]
    return responses


def _one(call: Call, one: Answers, bodies: Answers) -> Reply:
    """Run one call, its references filled in."""
    try:
        url = str(_filled(one.get("url", ""), bodies))
        body = _filled(one.get("body"), bodies)
        headers = {name: value for name, value in call.headers.items() if name in _PASSED_ON}
        own = {str(name).lower(): str(value) for name, value in (one.get("httpHeaders") or {}).items()}
        data = b"" if body is None else orjson.dumps(body)
        inner = call.within(str(one.get("method", "")).upper(), url, {**headers, **own}, data)
        reply = call.org.answer(inner)
    except ApiError as error:
        return Reply(error.tops(), error.status)
    call.wrote += inner.wrote
    return reply


def _filled(value: Any, bodies: Answers) -> Any:
    """A value with every `@{name.path}` replaced by what the call `name` answered."""
    if isinstance(value, dict):
        return {key: _filled(one, bodies) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, bodies) for one in value]
    if not isinstance(value, str):
        return value
    match = _REFERENCE.fullmatch(value)
    if match:
        return _referred(match[1], bodies)
    return _REFERENCE.sub(lambda found: str(_referred(found[1], bodies)), value)


def _referred(path: str, bodies: Answers) -> Any:
    name, *steps = [match[1] or int(match[2]) for match in _STEP.finditer(path)]
    value: Any = bodies.get(str(name))
    for step in steps:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            value = None
    if value is None:
        raise ApiError("PROCESSING_HALTED", f"Invalid reference specified. No value for {path} found in {name}")
    return value


def _partly(value: Any) -> bool:
    """Whether a Collections answer tells of a record that was refused."""
    return isinstance(value, list) and any(isinstance(one, dict) and one.get("success") is False for one in value)


def _halted() -> Reply:
    return Reply([{"errorCode": "PROCESSING_HALTED", "message": _HALTED}], _REFUSED)


def _response(one: Answers, reply: Reply) -> Answers:
    kept = {name: value for name, value in reply.headers.items() if name in ("Location", "ETag", "Last-Modified")}
    return {
        "body": reply.value,
        "httpHeaders": kept,
        "httpStatusCode": reply.status,
        "referenceId": one.get("referenceId"),
    }
