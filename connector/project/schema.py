"""JSON Schema for editors: completion and red underlines while typing."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, create_model

from connector.project.mapping_file import MappingFile
from connector.project.rules.attribution import AttributionFile
from connector.project.rules.calendars import CalendarsFile
from connector.project.rules.lifecycle_file import LifecycleFile
from connector.project.rules.rejection_file import ReasonsFile, RejectionFile
from connector.project.rules.scoring_file import ScoringFile
from connector.project.rules.signals import SignalsFile
from connector.project.settings import Settings
from connector.project.written import Strict

SchemaOf = Literal[
    "connector", "mapping", "scoring", "lifecycle", "rejection", "reasons", "attribution", "calendars", "signals"
]
"""What there is a schema of; `reasons` are those of `rules/rejection_reasons.yaml`."""

_WHOLE: dict[str, type[BaseModel]] = {"connector": Settings, "mapping": MappingFile, "reasons": ReasonsFile}
_BELOW_A_KEY: dict[str, type[Strict]] = {
    "scoring": ScoringFile,
    "lifecycle": LifecycleFile,
    "rejection": RejectionFile,
    "attribution": AttributionFile,
    "calendars": CalendarsFile,
    "signals": SignalsFile,
}


def schema(file: SchemaOf) -> dict[str, Any]:
    """The schema of `connector.yaml`, of a mapping file or of a rule file."""
    model = _WHOLE.get(file) or _file_of(file, _BELOW_A_KEY[file])
    made = model.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def _file_of(root: str, section: type[Strict]) -> type[BaseModel]:
    """A rule file: one key, and everything below it."""
    fields: dict[str, Any] = {root: (section, ...)}
    return create_model(f"{root.capitalize()}Document", __base__=Strict, **fields)
