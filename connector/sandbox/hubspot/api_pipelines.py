"""Pipelines and stages over HTTP.

A stage or pipeline in use is only protected with `validateReferencesBeforeDelete` (facts §6.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.sandbox.hubspot import instants, pipelines
from connector.sandbox.hubspot.call import Answer, Call
from connector.sandbox.hubspot.errors import ApiError, malformed
from connector.sandbox.hubspot.objecttypes import ObjectType
from connector.sandbox.hubspot.router import Endpoint

FIRST_ID = 1_300_001


def _known(call: Call, right: str) -> tuple[ObjectType, list[dict[str, Any]]]:
    object_type = call.object_type(right=right)
    if object_type.type_id not in pipelines.PIPELINED:
        raise ApiError(400, f"{object_type.label} has no pipelines")
    return object_type, call.portal.pipelines[object_type.type_id]


def _pipeline(call: Call, known: list[dict[str, Any]]) -> dict[str, Any]:
    key = call.params["pipeline"]
    found = pipelines.find_pipeline(known, key)
    if found is None:
        raise ApiError(404, f"Pipeline {key} does not exist", "OBJECT_NOT_FOUND")
    return found


def _stage(call: Call, pipeline: dict[str, Any]) -> dict[str, Any]:
    key = call.params["stage"]
    found = pipelines.find_stage(pipeline, key)
    if found is None:
        raise ApiError(404, f"Stage {key} does not exist in pipeline {pipeline['id']}", "OBJECT_NOT_FOUND")
    return found


def _visible(pipeline: Mapping[str, Any]) -> dict[str, Any]:
    return {**pipeline, "stages": [stage for stage in pipeline["stages"] if not stage["archived"]]}


def _new_stage(call: Call, object_type: ObjectType, given: Mapping[str, Any]) -> dict[str, Any]:
    try:
        label, order = str(given["label"]), int(given["displayOrder"])
        metadata = {str(key): str(value) for key, value in dict(given.get("metadata") or {}).items()}
    except (KeyError, TypeError, ValueError):
        raise malformed("Some required fields were not set: [label, displayOrder]") from None
    if object_type.name == "deal":
        metadata = _deal_metadata(metadata)
    key = str(given.get("stageId") or call.portal.store.next_id("pipeline", FIRST_ID))
    return pipelines.stage(key, label, order, metadata, instants.shown(call.portal.now()))


def _deal_metadata(given: Mapping[str, str]) -> dict[str, str]:
    try:
        return {**given, **pipelines.deal_metadata(str(float(given["probability"])))}
    except (KeyError, ValueError):
        raise ApiError(400, "A deal stage needs metadata.probability between 0.0 and 1.0") from None


def _pipeline_body(call: Call) -> dict[str, Any]:
    body = call.json("label", "displayOrder", "stages")
    if not isinstance(body["displayOrder"], int) or not isinstance(body["stages"], list):
        raise malformed("Cannot deserialize value of type PipelineInput")
    return body


def list_all(call: Call) -> Answer:
    """Every pipeline of a type."""
    _, known = _known(call, "read")
    return Answer({"results": [_visible(one) for one in known if not one["archived"]]})


def read(call: Call) -> Answer:
    """One pipeline."""
    return Answer(_visible(_pipeline(call, _known(call, "read")[1])))


def create(call: Call) -> Answer:
    """A new pipeline with its stages."""
    object_type, known = _known(call, "write")
    body = _pipeline_body(call)
    stages = [_new_stage(call, object_type, one) for one in body["stages"]]
    key = str(body.get("pipelineId") or call.portal.store.next_id("pipeline", FIRST_ID))
    if any(one["id"] == key for one in known):
        raise ApiError(409, f"Pipeline {key} already exists", "CONFLICT")
    at = instants.shown(call.portal.now())
    known.append(pipelines.pipeline(key, str(body["label"]), int(body["displayOrder"]), stages, at))
    call.portal.keep_definitions(object_type.type_id)
    return Answer(known[-1], 201)


def change(call: Call) -> Answer:
    """Another label or place for a pipeline."""
    object_type, known = _known(call, "write")
    pipeline = _pipeline(call, known)
    _update(call, pipeline, ("label", "displayOrder"))
    call.portal.keep_definitions(object_type.type_id)
    return Answer(_visible(pipeline))


def replace(call: Call) -> Answer:
    """A pipeline's label, place and stages anew."""
    object_type, known = _known(call, "write")
    pipeline = _pipeline(call, known)
    body = _pipeline_body(call)
    pipeline["stages"] = [_new_stage(call, object_type, one) for one in body["stages"]]
    _update(call, pipeline, ("label", "displayOrder"))
    call.portal.keep_definitions(object_type.type_id)
    return Answer(_visible(pipeline))


def delete(call: Call) -> Answer:
    """Archive a pipeline."""
    object_type, known = _known(call, "write")
    pipeline = _pipeline(call, known)
    _not_in_use(call, object_type, pipelines.PIPELINED[object_type.type_id][0], pipeline["id"])
    pipeline["archived"] = True
    call.portal.keep_definitions(object_type.type_id)
    return Answer(status=204)


def list_stages(call: Call) -> Answer:
    """The stages of a pipeline."""
    return Answer({"results": _visible(_pipeline(call, _known(call, "read")[1]))["stages"]})


def read_stage(call: Call) -> Answer:
    """One stage."""
    return Answer(_stage(call, _pipeline(call, _known(call, "read")[1])))


def create_stage(call: Call) -> Answer:
    """A new stage."""
    object_type, known = _known(call, "write")
    pipeline = _pipeline(call, known)
    stage = _new_stage(call, object_type, call.json("label", "displayOrder"))
    if any(one["id"] == stage["id"] for one in pipeline["stages"]):
        raise ApiError(409, f"Stage {stage['id']} already exists", "CONFLICT")
    pipeline["stages"].append(stage)
    call.portal.keep_definitions(object_type.type_id)
    return Answer(stage, 201)


def change_stage(call: Call) -> Answer:
    """Another label, place or metadata for a stage."""
    object_type, known = _known(call, "write")
    stage = _stage(call, _pipeline(call, known))
    metadata = call.json().get("metadata")
    if metadata:
        texts = {**stage["metadata"], **{key: str(value) for key, value in metadata.items()}}
        stage["metadata"] = _deal_metadata(texts) if object_type.name == "deal" else texts
    _update(call, stage, ("label", "displayOrder"))
    call.portal.keep_definitions(object_type.type_id)
    return Answer(stage)


def delete_stage(call: Call) -> Answer:
    """Archive a stage."""
    object_type, known = _known(call, "write")
    stage = _stage(call, _pipeline(call, known))
    _not_in_use(call, object_type, pipelines.PIPELINED[object_type.type_id][1], stage["id"])
    stage["archived"] = True
    call.portal.keep_definitions(object_type.type_id)
    return Answer(status=204)


def _update(call: Call, item: dict[str, Any], names: tuple[str, ...]) -> None:
    body = call.json()
    item.update({name: body[name] for name in names if body.get(name) is not None})
    item["updatedAt"] = instants.shown(call.portal.now())


def _not_in_use(call: Call, object_type: ObjectType, name: str, key: str) -> None:
    checked = ("validateReferencesBeforeDelete", "validateDealStageUsagesBeforeDelete")
    if not any(call.flag(flag) for flag in checked):
        return
    found = call.portal.store.db.execute(
        "SELECT id FROM record WHERE object = ? AND archived = 0 AND json_extract(props, ?) = ? LIMIT 100",
        (object_type.type_id, f'$."{name}"', key),
    ).fetchall()
    if found:
        context = {"stageIds": [key], "objectIds": [str(row[0]) for row in found]}
        extra = {"subCategory": "PipelineError.STAGE_ID_IN_USE", "context": context}
        raise ApiError(400, f"{key} is still used by {object_type.plural}", extra=extra)


ENDPOINTS = [
    Endpoint("GET", "pipelines", "/{type}", list_all),
    Endpoint("POST", "pipelines", "/{type}", create),
    Endpoint("GET", "pipelines", "/{type}/{pipeline}", read),
    Endpoint("PATCH", "pipelines", "/{type}/{pipeline}", change),
    Endpoint("PUT", "pipelines", "/{type}/{pipeline}", replace),
    Endpoint("DELETE", "pipelines", "/{type}/{pipeline}", delete),
    Endpoint("GET", "pipelines", "/{type}/{pipeline}/stages", list_stages),
    Endpoint("POST", "pipelines", "/{type}/{pipeline}/stages", create_stage),
    Endpoint("GET", "pipelines", "/{type}/{pipeline}/stages/{stage}", read_stage),
    Endpoint("PATCH", "pipelines", "/{type}/{pipeline}/stages/{stage}", change_stage),
    Endpoint("PUT", "pipelines", "/{type}/{pipeline}/stages/{stage}", change_stage),
    Endpoint("DELETE", "pipelines", "/{type}/{pipeline}/stages/{stage}", delete_stage),
]
