"""Deploying a zip of metadata over REST: sent, polled until it is done, and its component errors as data.

Source: Metadata API guide, «Deploy Metadata with REST» (parts `json` and `file` of a multipart body). What is in the
zip, and what an error means to an admin, is decided in `install/`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from connector.crm.salesforce.org import Fault, Org
from connector.crm.salesforce.problems import message
from connector.errors import LaterError, SettingsError

PATIENCE = 900.0
"""Seconds that one deploy is waited for; a busy org queues it behind others."""
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 10.0
_PATH = "metadata/deployRequest"


@dataclass(frozen=True, slots=True)
class Component:
    """What became of one component; `problem` is Salesforce's text where it was refused or warned about."""

    kind: str
    name: str
    problem: str = ""
    created: bool = False
    changed: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Deployed:
    """A deploy that came to its end; without `success` nothing was changed."""

    id: str
    success: bool
    status: str
    done: tuple[Component, ...]
    failed: tuple[Component, ...]


def deploy(
    org: Org,
    package: bytes,
    *,
    check_only: bool,
    pause: Callable[[float], None],
    patience: float = PATIENCE,
) -> Deployed:
    """Deploy a package as a whole or not at all; `check_only` changes nothing.

    Sending it twice is harmless: a component that is there already is brought to the same state again.

    Raises:
        SettingsError: the login may not deploy, or the request is refused.
        LaterError: it is not done after `patience` seconds, or somebody cancelled it.
    """
    # No testLevel: production orgs refuse NoTestRun, and without Apex in the package none runs anywhere.
    options = {"checkOnly": check_only, "singlePackage": True, "rollbackOnError": True, "ignoreWarnings": True}
    boundary = f"revloop-{hashlib.sha256(package).hexdigest()[:32]}"  # stands in no zip that it is the hash of
    headers = {"Content-Type": f'multipart/form-data; boundary="{boundary}"'}
    body = _multipart(options, package, boundary)
    try:
        told = org.ask(_PATH, "POST", needs="id", data=body, headers=headers, repeat=True)
    except Fault as fault:
        raise SettingsError(f"Salesforce refuses the deploy ({fault.problem.code}): {message(fault.problem)}") from None
    return _wait(org, str(told["id"]), pause, patience)


def _wait(org: Org, number: str, pause: Callable[[float], None], patience: float) -> Deployed:
    """Ask until the deploy is done, less and less often."""
    waited, wait = 0.0, _FIRST_WAIT
    while True:
        try:
            told = org.ask(f"{_PATH}/{number}?includeDetails=true", needs="deployResult")["deployResult"]
        except Fault as fault:
            raise LaterError(f"Salesforce no longer knows the deploy {number} ({fault.problem.code})", 60.0) from None
        if told.get("done"):
            return _ended(number, told)
        if waited >= patience:
            raise LaterError(
                f"the deploy {number} is not done after {patience:.0f} seconds: look at Setup > Deployment Status, and "
                "type the command again when it is over",
                60.0,
            )
        pause(wait)
        waited += wait
        wait = min(wait * 1.5, _LONGEST_WAIT)


def _ended(number: str, told: Mapping[str, Any]) -> Deployed:
    status = str(told.get("status"))
    if status == "Canceled":
        raise LaterError(f"somebody cancelled the deploy {number}: type the command again", 1.0)
    details = told.get("details") or {}
    failed = [_component(each) for each in details.get("componentFailures") or ()]
    done = [_component(each) for each in details.get("componentSuccesses") or () if each.get("componentType")]
    if not told.get("success") and not failed:
        failed = [Component("", "package.xml", str(told.get("errorMessage") or status))]
    return Deployed(number, bool(told.get("success")), status, tuple(done), tuple(failed))


def _component(told: Mapping[str, Any]) -> Component:
    return Component(
        str(told.get("componentType") or ""),
        str(told.get("fullName") or ""),
        str(told.get("problem") or ""),
        bool(told.get("created")),
        bool(told.get("changed")),
        bool(told.get("deleted")),
    )


def _multipart(options: Mapping[str, Any], package: bytes, boundary: str) -> bytes:
    """The body: the options as JSON, then the zip."""
    json = orjson.dumps({"deployOptions": dict(options)})
    parts = (
        ('form-data; name="json"', "application/json", json),
        ('form-data; name="file"; filename="deploy.zip"', "application/zip", package),
    )
    mark = f"--{boundary}".encode()
    body = b""
    for disposition, kind, content in parts:
        head = f"\r\nContent-Disposition: {disposition}\r\nContent-Type: {kind}\r\n\r\n".encode()
        body += mark + head + content + b"\r\n"
    return body + mark + b"--\r\n"
