"""The Metadata REST API: deploy a zip, ask how far it is, cancel it.

Source: Metadata API guide, «Deploy Metadata with REST» (`deployRequest`); its parts are named `json` and `file`.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from connector.sandbox.salesforce import access, ids, times
from connector.sandbox.salesforce.errors import ApiError, json_problem, not_found
from connector.sandbox.salesforce.http import Call, Paths, Reply
from connector.sandbox.salesforce.metadata.deploy import Deployment, work

LARGEST = 39 * 1024 * 1024
_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE).search
_DEFAULTS: dict[str, Any] = {
    "allowMissingFiles": False,
    "autoUpdatePackage": False,
    "checkOnly": False,
    "ignoreWarnings": False,
    "performRetrieve": False,
    "purgeOnDelete": False,
    "rollbackOnError": True,
    "runTests": None,
    "singlePackage": True,
    "testLevel": "NoTestRun",
}


def add_to(paths: Paths) -> None:
    """Enter these resources into the table of paths."""
    paths.add("POST", "/metadata/deployRequest", _deploy)
    paths.add("GET", "/metadata/deployRequest/{id}", _poll)
    paths.add("PATCH", "/metadata/deployRequest/{id}", _cancel)


def _deploy(call: Call) -> Reply:
    store = call.org.store
    if not any(access.allowed(store, call.user, one) for one in ("ModifyMetadata", "ModifyAllData")):
        raise ApiError(
            "INSUFFICIENT_ACCESS",
            "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions",
            status=403,
        )
    options, data = _parts(call)
    if len(data) > LARGEST:
        raise ApiError(
            "LIMIT_EXCEEDED", "Maximum size of request reached. Maximum size of request is 39 MB", status=413
        )
    deployment = Deployment(store.new_id("0Af"), call.user, store.stamp(), {**_DEFAULTS, **options}, data)
    call.org.deployments[deployment.id] = deployment
    call.org.jobs.start(work(call.org, deployment))
    return Reply(_shown(call, deployment, details=False), 201)


def _find(call: Call) -> Deployment:
    found = call.org.deployments.get(ids.normal(call.parts["id"]) or "")
    if found is None:
        raise not_found()
    return found


def _poll(call: Call) -> Reply:
    """The first poll finds the deploy at work, as a real one is never done at once."""
    deployment = _find(call)
    answer = _shown(call, deployment, details=call.query.get("includeDetails") == "true" and deployment.polled)
    deployment.polled = True
    return Reply(answer)


def _cancel(call: Call) -> Reply:
    deployment = _find(call)
    status = (call.object().get("deployResult") or {}).get("status")
    if status != "Canceling" or deployment.done:
        raise ApiError("INVALID_ID_FIELD", f"The deployment is {deployment.status} and cannot be set to {status}")
    deployment.status, deployment.cancelled_by = "Canceled", call.user
    deployment.completed = call.org.store.stamp()
    return Reply(_shown(call, deployment, details=False), 202)


def _shown(call: Call, deployment: Deployment, *, details: bool) -> dict[str, Any]:
    working = deployment.done and not deployment.polled and deployment.cancelled_by is None
    status = "InProgress" if working else deployment.status
    done = deployment.done and not working
    counted = [one for one in deployment.messages if one["componentType"]] if done else []
    failed = sum(1 for one in counted if not one["success"])
    user = call.org.store.db.execute('SELECT Name FROM "User" WHERE Id = ?', (deployment.user,)).fetchone()
    result: dict[str, Any] = {
        "id": deployment.id,
        "checkOnly": deployment.option("checkOnly"),
        "completedDate": _answered(deployment.completed) if done else None,
        "createdBy": deployment.user,
        "createdByName": user[0],
        "createdDate": times.answered(deployment.created),
        "canceledBy": deployment.cancelled_by,
        "done": done,
        "errorMessage": deployment.error,
        "errorStatusCode": (deployment.error or "").partition(":")[0] or None,
        "ignoreWarnings": deployment.option("ignoreWarnings"),
        "lastModifiedDate": times.answered(deployment.completed or deployment.started or deployment.created),
        "numberComponentErrors": failed,
        "numberComponentsDeployed": len(counted) - failed,
        "numberComponentsTotal": len(counted),
        "numberTestErrors": 0,
        "numberTestsCompleted": 0,
        "numberTestsTotal": 0,
        "rollbackOnError": deployment.option("rollbackOnError"),
        "runTestsEnabled": False,
        "startDate": _answered(deployment.started),
        "status": status,
        "success": done and status in ("Succeeded", "SucceededPartial"),
    }
    if details:
        result["details"] = {
            "allComponentMessages": deployment.messages,
            "componentFailures": deployment.failures,
            "componentSuccesses": [one for one in deployment.messages if one["success"]],
            "retrieveResult": None,
            "runTestResult": {"numFailures": 0, "numTestsRun": 0, "successes": [], "failures": [], "totalTime": 0.0},
        }
    return {
        "id": deployment.id,
        "url": f"{call.base}/services/data/v{call.version}/metadata/deployRequest/{deployment.id}",
        "validatedDeployRequestId": None,
        "deployOptions": deployment.options,
        "deployResult": result,
    }


def _answered(stored: str | None) -> str | None:
    return times.answered(stored) if stored else None


def _parts(call: Call) -> tuple[dict[str, Any], bytes]:
    """The deploy options and the zip of a multipart body.

    Raises:
        ApiError: another content type, a part missing, options that are no JSON.
    """
    kind = call.headers.get("content-type", "")
    boundary = _BOUNDARY(kind)
    if not kind.startswith("multipart/form-data") or boundary is None:
        raise ApiError("UNSUPPORTED_MEDIA_TYPE", f"Content type {kind} not supported", status=415)
    found = {}
    for piece in call.body.split(b"--" + boundary[1].encode())[1:-1]:
        head, _, content = piece.partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]*)"', head)
        found[name[1].decode() if name else ""] = content.removesuffix(b"\r\n")
    if "json" not in found or "file" not in found:
        raise ApiError("INVALID_MULTIPART_REQUEST", "The request needs a part named json and a part named file")
    try:
        options = orjson.loads(found["json"])["deployOptions"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise json_problem("The json part needs an object with deployOptions at [line:1, column:1]") from None
    if not isinstance(options, dict) or set(options) - {*_DEFAULTS, "failOnWarning"}:
        raise json_problem("Unrecognized field in deployOptions at [line:1, column:1]")
    return options, found["file"]
