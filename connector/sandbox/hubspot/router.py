"""Paths to handlers: a tree of segments in which a literal wins over a placeholder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

VERSIONS = ("2026-03", "2026-09")

# Where each area of the API lives: under a numbered version, and under the dated ones (facts §0.1).
AREAS = {
    "objects": ("/crm/v3/objects", "/crm/objects/{version}"),
    "pairs": ("/crm/v4/objects", "/crm/objects/{version}"),
    "associations": ("/crm/v4/associations", "/crm/associations/{version}"),
    "properties": ("/crm/v3/properties", "/crm/properties/{version}"),
    "validations": ("/crm/v3/property-validations", "/crm/property-validations/{version}"),
    "pipelines": ("/crm/v3/pipelines", "/crm/pipelines/{version}"),
    "owners": ("/crm/v3/owners", "/crm/owners/{version}"),
    "schemas": ("/crm-object-schemas/v3/schemas", "/crm-object-schemas/{version}/schemas"),
    "limits": ("/crm/v3/limits", "/crm/limits/{version}"),
    "account": ("/account-info/v3", "/account-info/{version}"),
    "oauth1": ("/oauth/v1", "/oauth/{version}"),
    "oauth": ("/oauth/v3", "/oauth/{version}"),
    "events": ("/events/v3/events", "/events/event-occurrences/{version}"),
    # These have no dated version.
    "email": ("/email/public/v1", "/email/public/v1"),
    "forms": ("/marketing/v3/forms", "/marketing/v3/forms"),
    "submissions": ("/form-integrations/v1/submissions", "/form-integrations/v1/submissions"),
    "private_apps": ("/oauth/v2/private-apps", "/oauth/v2/private-apps"),
    "currencies": ("/settings/v3/currencies", "/settings/currencies/{version}"),
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path; `kind` says which limit counts its calls, `open` that it needs no token."""

    method: str
    area: str
    path: str
    handler: Callable[..., Any]
    kind: str = "plain"
    open: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """The endpoint for a call, the API version of its path, and the values of the placeholders."""

    endpoint: Endpoint
    version: str
    params: dict[str, str]


@dataclass(slots=True)
class _Node:
    literal: dict[str, _Node] = field(default_factory=dict)
    placeholder: _Node | None = None
    ends: dict[str, tuple[Endpoint, str, tuple[str, ...]]] = field(default_factory=dict)


class Router:
    """All endpoints, under every version of their area."""

    def __init__(self, endpoints: list[Endpoint]) -> None:
        self._root = _Node()
        for endpoint in endpoints:
            numbered, dated = AREAS[endpoint.area]
            self._add(endpoint, numbered + endpoint.path, "v3")
            for version in VERSIONS:
                self._add(endpoint, dated.replace("{version}", version) + endpoint.path, version)

    def _add(self, endpoint: Endpoint, path: str, version: str) -> None:
        node, names = self._root, []
        for segment in path.strip("/").split("/"):
            if segment.startswith("{"):
                names.append(segment.strip("{}"))
                node.placeholder = node.placeholder or _Node()
                node = node.placeholder
            else:
                node = node.literal.setdefault(segment, _Node())
        node.ends[endpoint.method] = (endpoint, version, tuple(names))

    def find(self, method: str, segments: list[str]) -> Match | None:
        """The endpoint of a call, if there is one."""
        return self._walk(self._root, method, segments, 0, [])

    def _walk(self, node: _Node, method: str, segments: list[str], depth: int, held: list[str]) -> Match | None:
        if depth == len(segments):
            if method not in node.ends:
                return None
            endpoint, version, names = node.ends[method]
            return Match(endpoint, version, dict(zip(names, held, strict=True)))
        segment = segments[depth]
        following = node.literal.get(segment)
        found = self._walk(following, method, segments, depth + 1, held) if following else None
        if found is None and node.placeholder and segment:
            found = self._walk(node.placeholder, method, segments, depth + 1, [*held, segment])
        return found
