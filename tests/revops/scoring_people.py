"""The rules and persons that the scoring tests share."""

import copy
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import yaml

from connector.project.mistakes import Mistakes
from connector.project.rules.scoring import compile_scoring_file, read_scoring
from connector.project.yaml_lines import read_yaml
from connector.revops.scoring import Event, compile_scoring

RULES = Path(__file__).resolve().parents[2] / "rules" / "scoring.yaml"
AS_OF = datetime(2026, 11, 23, 9, tzinfo=UTC)


def day(number, month=11, hour=10):
    return datetime(2026, month, number, hour, tzinfo=UTC)


def rules():
    """The default rules as data, to change in a test."""
    return copy.deepcopy(_parsed())


@cache
def _parsed():
    return yaml.load(RULES.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def with_both_sql_rules():
    data = rules()
    data["scoring"]["sql"]["rules"][1]["enabled"] = "true"
    return data


def read(data, folder):
    """A rule file made of data: the config and the mistakes."""
    path = folder / "scoring.yaml"
    path.write_text(data if isinstance(data, str) else yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    document, found = read_yaml(path, "rules/scoring.yaml")
    mistakes = Mistakes()
    mistakes.take(found)
    section = read_scoring(document, mistakes) if document else None
    config = compile_scoring_file(section, "Europe/Berlin") if section and section.right else None
    return config, mistakes.sorted()


def scorer(folder, data=None):
    config, mistakes = read(data or rules(), folder)
    assert mistakes == []
    return compile_scoring(config)


ANNA = {
    "email": "anna.weber@example.com",
    "job_title": "Bereichsleiterin Produktion",
    "employees": "1450",
    "industry": "MACHINERY",
    "country": "DE",
    "tracking_consent": "true",
}
"""The person of worked example 1-A."""


def annas_events():
    opens = [day(22), day(20), day(18), day(16), day(12), day(9), day(9, hour=14)]
    return [
        Event("page_view", day(21), "hubspot:1", {"path": "/preise"}),
        Event("whitepaper", day(9), "hubspot:2"),
        Event("webinar_attended", day(24, month=10), "salesforce:3"),
        *[Event("email_open", at, f"hubspot:open-{i}") for i, at in enumerate(opens)],
    ]


def written(score, locale="de"):
    """Everything that is written of a score."""
    return {**score.numbers(), **score.told(locale)}
