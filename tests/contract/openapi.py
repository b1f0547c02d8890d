"""HubSpot's published OpenAPI files as a judge of requests and answers.

Files: `hubspot/*.json` in the folder that REVLOOP_CONTRACTS names, else in `../shared/contracts` beside the
repository. They are no part of the project; where they are missing, the tests that need them are skipped.
Paths of the numbered versions and of 2026-09 are judged by the 2026-03 files, which have the same shapes.
`TOLERATED` is the whole list of places where the files contradict what HubSpot is known to send.
"""

import copy
import json
import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("REVLOOP_CONTRACTS") or REPOSITORY.parent / "shared" / "contracts") / "hubspot"
DATED = "2026-03"

# (beginning of a path, its form in the contract files)
VERSIONS = (
    (r"^/crm/v[34]/objects/", f"/crm/objects/{DATED}/"),
    (r"^/crm/v4/associations/", f"/crm/associations/{DATED}/"),
    (r"^/crm/v3/(properties|property-validations|pipelines|owners|limits|lists)", rf"/crm/\1/{DATED}"),
    (r"^/crm-object-schemas/v3/", f"/crm-object-schemas/{DATED}/"),
    (r"^/account-info/v3/", f"/account-info/{DATED}/"),
    (r"^/oauth/v[13]/", f"/oauth/{DATED}/"),
    (r"^/settings/v3/currencies/", f"/settings/currencies/{DATED}/"),
    (r"/2026-09(?=/|$)", f"/{DATED}"),
)
UNPUBLISHED = ("/marketing/v3/forms", "/form-integrations/v1/", "/email/public/v1/", "/oauth/v2/private-apps/")
"""Addresses that HubSpot documents as legacy, or in a guide alone, and publishes in none of these files."""
NUMBER_OR_TEXT = {"type": ["integer", "string"]}
TEXT_OR_NULL = {"type": ["string", "null"]}


@dataclass(frozen=True)
class Tolerance:
    """One place where a file and HubSpot differ: fields not required, or replaced, or added, and why."""

    schema: str
    because: str
    optional: tuple[str, ...] = ()
    fields: tuple[tuple[str, object], ...] = ()


_VALUES = (("properties", {"type": "object", "additionalProperties": TEXT_OR_NULL}),)
TOLERATED = (
    Tolerance("MultiAssociatedObjectWithLabel", "a number on the wire", (), (("toObjectId", NUMBER_OR_TEXT),)),
    Tolerance("AssociationSpecWithLabel", "the unlabelled type has label null", (), (("label", TEXT_OR_NULL),)),
    *(
        Tolerance(name, "a requested property without a value is null", (), _VALUES)
        for name in (
            "SimplePublicObject",
            "SimplePublicObjectWithAssociations",
            "SimplePublicUpsertObject",
        )
    ),
    Tolerance(
        "StandardError",
        "recorded answers carry neither links nor errors, and subCategory is a text",
        ("context", "errors", "links"),
        (("subCategory", {"type": "string"}),),
    ),
    Tolerance(
        "Error",
        "recorded 404 and 429 answers have no category; all have status; limits add three names",
        ("category",),
        (
            ("status", {"type": "string"}),
            ("errorType", {"type": "string"}),
            ("policyName", {"type": "string"}),
            ("requestId", {"type": "string"}),
            ("error", {"type": "string"}),
            ("error_description", {"type": "string"}),
        ),
    ),
    Tolerance(
        "PublicObjectSearchRequest",
        "HubSpot's guide sends sorts as objects and leaves fields out",
        ("after", "filterGroups", "limit", "properties", "sorts"),
        (
            ("sorts", {"type": "array", "items": {"type": ["string", "object"]}, "maxItems": 1}),
            ("after", NUMBER_OR_TEXT),
        ),
    ),
    Tolerance(
        "BatchReadInputSimplePublicObjectId", "the guide sends one list only", ("properties", "propertiesWithHistory")
    ),
    Tolerance("SimplePublicObjectInputForCreate", "the guide creates without associations", ("associations",)),
    Tolerance("SimplePublicObjectBatchInputForCreate", "the guide creates without associations", ("associations",)),
    Tolerance("BatchReadInputPropertyName", "the guide leaves dataSensitivity out", ("archived", "dataSensitivity")),
    Tolerance(
        "ObjectSchemaEgg",
        "the guide leaves these out",
        (
            "allowsSensitiveProperties",
            "secondaryDisplayProperties",
            "shouldCreateSameObjectAssociation",
            "searchableProperties",
        ),
    ),
    Tolerance("ObjectTypeDefinitionPatch", "the guide leaves it out", ("clearDescription",)),
    Tolerance("PublicObjectId", "some clients send ids as numbers", (), (("id", NUMBER_OR_TEXT),)),
)


@dataclass(frozen=True)
class _Operation:
    pattern: re.Pattern[str]
    literals: int
    method: str
    file: str
    body: dict[str, object]


def available():
    """Whether the files are there."""
    return FOLDER.is_dir()


def published(path):
    """Whether one of the files is to know a path."""
    return not path.startswith(UNPUBLISHED)


def needed():
    """Skip the calling test where the files are missing."""
    if not available():
        pytest.skip(f"HubSpot's OpenAPI files are not in {FOLDER}; set REVLOOP_CONTRACTS to their folder's parent")


def validate_request(method, path, body):
    """Check a request body against its operation; AssertionError says what is wrong.

    `path` may carry a query; its names must be known to the operation.
    """
    needed()
    bare, _, query = path.partition("?")
    operation = _operation(method, bare)
    known = {one["name"] for one in operation.body.get("parameters", ()) if one["in"] == "query"}
    asked = {part.partition("=")[0] for part in query.split("&") if part}
    assert asked <= known, f"{method} {bare}: the contract knows no query {sorted(asked - known)}"
    content = (operation.body.get("requestBody") or {}).get("content")
    if not content:
        assert body in (None, {}, b"", ""), f"{method} {bare}: the contract has no request body"
        return
    _check(f"request {method} {bare}", operation.file, next(iter(content.values()))["schema"], body)


def validate_response(method, path, status, body):
    """Check an answer against its operation and status; AssertionError says what is wrong."""
    needed()
    bare = path.partition("?")[0]
    operation = _operation(method, bare)
    responses = operation.body["responses"]
    if str(status) not in responses:
        assert status >= 400 or status == 204, f"{method} {bare}: the contract has no status {status}"
    if status >= 400:
        schema = {"$ref": "#/components/schemas/Error"}
    else:
        content = responses.get(str(status), {}).get("content")
        if not content:
            assert body in (None, b"", ""), f"{method} {bare}: the contract has no body for {status}"
            return
        schema = next(iter(content.values()))["schema"]
    _check(f"answer {status} to {method} {bare}", operation.file, schema, body)


def _check(what, file, schema, body):
    whole = {**_strict(file), **schema}
    worst = best_match(Draft202012Validator(whole).iter_errors(body))
    if worst is not None:
        raise AssertionError(f"{what} at {worst.json_path}: {worst.message[:400]}")


def dated(path):
    """A path of any version as the contract files write it."""
    for pattern, replacement in VERSIONS:
        path = re.sub(pattern, replacement, path)
    return path.rstrip("/")


def _operation(method, path):
    wanted = dated(path)
    found = [one for one in _operations() if one.method == method.upper() and one.pattern.fullmatch(wanted)]
    assert found, f"{method} {path}: no contract file has this operation"
    return max(found, key=lambda one: one.literals)


@cache
def _operations():
    found = []
    for file in sorted(FOLDER.glob("*.json")):
        for template, methods in _document(file.name)["paths"].items():
            parts = re.split(r"(\{[^}]+\})", template.rstrip("/"))
            pattern = re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts))
            literals = sum(len(part) for part in parts if not part.startswith("{"))
            found += [
                _Operation(pattern, literals, method.upper(), file.name, body)
                for method, body in methods.items()
                if method in ("get", "post", "put", "patch", "delete")
            ]
    return tuple(found)


@cache
def _document(name):
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


@cache
def _strict(name):
    """The schemas of a file with the tolerances applied, and no field allowed that the file does not name."""
    schemas = copy.deepcopy(_document(name)["components"]["schemas"])
    for one in TOLERATED:
        schema = schemas.get(one.schema)
        if schema is None:
            continue
        schema["required"] = [field for field in schema.get("required", ()) if field not in one.optional]
        schema.setdefault("properties", {}).update(dict(one.fields))
    for schema in schemas.values():
        if schema.get("properties") and "oneOf" not in schema:
            schema.setdefault("additionalProperties", False)
    return {"components": {"schemas": schemas}}
