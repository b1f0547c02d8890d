"""JSON Schema for editors: completion and red underlines while typing."""

from __future__ import annotations

from typing import Any, Literal

from connector.project.mapping_file import MappingFile
from connector.project.settings import Settings


def schema(file: Literal["connector", "mapping"]) -> dict[str, Any]:
    """The schema of `connector.yaml` or of a mapping file."""
    model = Settings if file == "connector" else MappingFile
    made = model.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}
