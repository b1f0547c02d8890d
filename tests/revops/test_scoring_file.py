"""`rules/scoring.yaml`: the default is right, and every mistake is told with its line and what to do."""

from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from scoring_people import RULES, read

TEXT = RULES.read_text(encoding="utf-8")


def edited(before, after):
    assert TEXT.count(before) == 1, TEXT.count(before)
    return TEXT.replace(before, after)


def line_of(text, part):
    return text[: text.index(part)].count("\n") + 1


def test_the_default_file_is_right(tmp_path):
    config, mistakes = read(TEXT, tmp_path)
    assert mistakes == []
    assert [rule.id for rule in config.fit] == ["size", "industry", "seniority", "country", "email"]
    assert config.fit[0].bands[0] == (Decimal(1200), Decimal(35))
    assert config.matrix["B"] == ("hot", "warm", "cold")
    assert [rule.type for rule in config.sql] == ["bant_positive"]
    assert config.tracked_events == ("page_view", "email_open", "email_click")
    assert config.downgrade_margin == 5
    assert config.engagement[0].match == {"path": "^/([a-z]{2}/)?(preise|pricing)"}


def test_the_numbers_of_the_default_model(tmp_path):
    config, _ = read(TEXT, tmp_path)
    assert {rule.id: (rule.points, rule.cap, rule.half_life_days) for rule in config.engagement} == {
        "pricing_page": (15, 30, 14),
        "demo_request": (40, 40, 45),
        "demo_attended": (30, 30, 45),
        "webinar": (15, 30, 30),
        "webinar_registered": (5, 10, 30),
        "whitepaper": (10, 20, 30),
        "email_click": (3, 15, 14),
        "email_open": (1, 5, 14),
        "contact_form": (30, 30, 30),
        "careers_page": (-10, -10, 30),
        "silence": (-20, None, None),
    }
    points = {rule.id: dict(rule.points) for rule in config.fit}
    assert points["industry"] == {"core": 25, "adjacent": 10, "other": 0, "excluded": -20}
    assert points["seniority"] == {"c_level": 25, "director": 20, "manager": 12, "specialist": 4, "student": -15}
    assert (points["country"], points["email"]) == ({"dach": 10, "eu": 5}, {"business": 5, "freemail": -5})


MISTAKES = yaml.safe_load((Path(__file__).parent / "scoring_mistakes.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("mistake", MISTAKES, ids=[each["says"][:60] for each in MISTAKES])
def test_a_mistake_is_told_with_its_line(tmp_path, mistake):
    text = edited(mistake["was"], mistake["now"])
    config, mistakes = read(text, tmp_path)
    assert config is None
    assert f"rules/scoring.yaml:{line_of(text, mistake['at'])}: {mistake['says']}" in mistakes


def test_all_mistakes_are_told_at_once(tmp_path):
    text = edited("downgrade_margin: 5", "downgrade_margn: 5").replace("group: demo", "group: demos")
    text = text.replace("B: [hot, warm, cold]", "B: [warm, hot, cold]").replace("min_positive: 3", "min_positive: five")
    _, mistakes = read(text, tmp_path)
    assert len(mistakes) == 6
    assert [int(each.split(":")[1]) for each in mistakes] == sorted(int(each.split(":")[1]) for each in mistakes)


@pytest.mark.parametrize("text", ["", "scoring: []", "- a", "scoring:\n  fit: 3\n", "scoring: {}\n"])
def test_a_file_that_is_no_rule_file_is_refused(tmp_path, text):
    config, mistakes = read(text, tmp_path)
    assert config is None
    assert mistakes
