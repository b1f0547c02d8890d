"""The cases of the YAML files beside this one: records in, decisions out, nothing but the core between.

The mapping of a file is read by the real reader of mapping files, and every value is given as the CRM gives it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from connector.core.match import Candidate, Found, Twins, match
from connector.core.merge import Choice, Merged, Policy, Times, merge
from connector.core.values import canonical, compile_record
from connector.model import SIDES, Base, Field, ObjectMapping, Side, Value
from connector.project import load

HERE = Path(__file__).parent
CONNECTOR = """
hubspot: {auth: {token_env: NO_TOKEN_IS_NEEDED}}
salesforce: {url: https://example.my.salesforce.com, auth: {session_env: NO_SESSION_IS_NEEDED}}
"""
COMPANY = {
    "object": "company",
    "hubspot": "companies",
    "salesforce": {"account": "Account"},
    "keys": ["name"],
    "create": {},
    "fields": [{"name": "name", "hubspot": "name", "salesforce": "Name", "type": "text"}],
}
Raw = dict[str, Any]
MappingOf = Callable[[Raw], ObjectMapping]
KNOWN_EXPECTATIONS = {"write_hubspot", "write_salesforce", "agree", "conflict", "drift", "because"}


def cases(name: str) -> list[Any]:
    file = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    return [pytest.param(file["mapping"], case, id=case["case"]) for case in file["cases"]]


@pytest.fixture(scope="module")
def mapping_of(tmp_path_factory: pytest.TempPathFactory) -> MappingOf:
    """A file's mapping, read once per file."""
    made: dict[str, ObjectMapping] = {}

    def mapping_of(raw: Raw) -> ObjectMapping:
        key = yaml.safe_dump(raw)
        if key not in made:
            folder = tmp_path_factory.mktemp("project")
            (folder / "mappings").mkdir()
            (folder / "connector.yaml").write_text(CONNECTOR)
            for each in [raw] if raw["object"] == "company" else [raw, COMPANY]:
                (folder / "mappings" / f"{each['object']}.yaml").write_text(yaml.safe_dump(each))
            mapping = load(folder).mapping(raw["object"])
            assert mapping is not None
            made[key] = mapping
        return made[key]

    return mapping_of


@dataclass
class Pair:
    """One case as the merge takes it; fields that the case does not mention are left out."""

    fields: list[Field]
    base: dict[str, Value] | None
    values: dict[Side, dict[str, Value]]
    policy: Policy
    skip: set[str]

    def merge(self) -> Merged:
        base = None if self.base is None else Base(self.base, self.base)
        return merge(self.fields, base, self.values["hubspot"], self.values["salesforce"], self.policy, self.skip)


def pair(mapping: ObjectMapping, case: Raw) -> Pair:
    known = case.get("known", {})
    values: dict[Side, dict[str, Value]] = {}
    skip: set[str] = set()
    mentioned = {*case.get("base", {}), *case["hubspot"], *case["salesforce"]}
    for side in SIDES:
        reader = compile_record(mapping, side, mapping.vendor_objects(side)[-1])
        read, problems, waiting = reader(case[side], lambda _field, _side, id_: known.get(id_))
        values[side] = dict(read)
        assert problems == []
        skip.update(waiting)
    fields = [each for each in mapping.fields if mentioned & {each.name, each.hubspot, *each.salesforce.values()}]
    return Pair(fields, case.get("base"), values, policy(mapping, case, values), skip)


@pytest.mark.parametrize(("raw_mapping", "case"), cases("merging.yaml"))
def test_merging(mapping_of: MappingOf, raw_mapping: Raw, case: Raw) -> None:
    merged = pair(mapping_of(raw_mapping), case).merge()

    expect = case.get("expect", {})
    assert not set(expect) - KNOWN_EXPECTATIONS
    for side in SIDES:
        assert {change.field: change.after for change in merged.writes[side]} == expect.get(f"write_{side}", {})
    assert {each.field: each.decided or "ask" for each in merged.conflicts} == expect.get("conflict", {})
    assert sorted(merged.moves) == sorted(expect.get("agree", []))
    assert merged.drifts == expect.get("drift", [])
    reasons = {change.field: change.because for side in SIDES for change in merged.writes[side]}
    for field, words in expect.get("because", {}).items():
        assert words in reasons[field]


@pytest.mark.parametrize(("raw_mapping", "case"), cases("merging.yaml"))
def test_what_was_merged_is_merged(mapping_of: MappingOf, raw_mapping: Raw, case: Raw) -> None:
    """Once the writes are done and the base has moved, nothing is left but what waits for a person."""
    first = pair(mapping_of(raw_mapping), case)
    merged = first.merge()

    base = {side: dict(first.base or {}) for side in SIDES}
    for field, both in merged.moves.items():
        base["hubspot"][field], base["salesforce"][field] = both
    for change in (change for side in SIDES for change in merged.writes[side]):
        for side in SIDES:
            first.values[side][change.field] = base[side][change.field] = change.after
    again = merge(
        first.fields,
        Base(base["hubspot"], base["salesforce"]),
        first.values["hubspot"],
        first.values["salesforce"],
        first.policy,
        first.skip,
    )

    assert again.writes == {side: [] for side in SIDES}
    assert again.moves == {}
    undecided = [each.field for each in merged.conflicts if each.decided is None]
    assert [each.field for each in again.conflicts] == undecided


def policy(mapping: ObjectMapping, case: Raw, values: dict[Side, dict[str, Value]]) -> Policy:
    shown = case.get("shown", {})
    choices = {}
    for field, side in case.get("choice", {}).items():
        both = shown.get(field) or {each: values[each].get(field) for each in SIDES}
        choices[field] = Choice(side, both["hubspot"], both["salesforce"])
    times = {field: Times(both["hubspot"], both["salesforce"]) for field, both in case.get("times", {}).items()}
    return Policy(mapping.first_link, choices, times or None)


@pytest.mark.parametrize(("raw_mapping", "case"), cases("matching.yaml"))
def test_matching(mapping_of: MappingOf, raw_mapping: Raw, case: Raw) -> None:
    mapping = mapping_of(raw_mapping)
    keys = [each for name in mapping.keys for each in mapping.fields if each.name == name]

    def key_values(side: Side, raw: Raw) -> list[tuple[Field, str]]:
        vendor_object = mapping.vendor_objects(side)[-1]
        found = [
            (each, canonical(each, side, raw.get(each.vendor_name(side, vendor_object) or ""), lambda *_: None))
            for each in keys
        ]
        return [(each, value) for each, value in found if value is not None]

    rows: dict[Side, list[Raw]] = {
        "hubspot": [case["record"], *case.get("hubspot", [])],
        "salesforce": case["salesforce"],
    }
    index: dict[Side, dict[tuple[str, str], list[Candidate]]] = {side: defaultdict(list) for side in SIDES}
    by_id: dict[str, dict[str, str]] = {}
    for side in SIDES:
        for raw in rows[side]:
            by_id[raw["id"]] = {each.name: value for each, value in key_values(side, raw)}
            candidate = Candidate(raw["id"], mapping.vendor_objects(side)[-1], "L" if raw.get("linked") else None)
            for name, value in by_id[raw["id"]].items():
                index[side][name, value].append(candidate)

    verdict = match(
        case["record"]["id"],
        key_values("hubspot", case["record"]),
        lambda name, value: index["salesforce"][name, value],
        lambda name, value: index["hubspot"][name, value],
        by_id.__getitem__,
    )

    if isinstance(verdict, Found):
        found: Any = {"found": verdict.candidate.id}
    elif isinstance(verdict, Twins):
        found = {"twins": [*verdict.own, *verdict.other]}
    else:
        found = "new"
    assert found == case["expect"]
