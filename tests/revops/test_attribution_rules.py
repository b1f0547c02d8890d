"""`rules/attribution.yaml`: the shipped file is the defaults, and every mistake is named with its line."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from connector.project.mistakes import Mistakes
from connector.project.rules.attribution import compile_attribution, read_attribution
from connector.project.yaml_lines import read_yaml
from connector.revops.attribution_config import AttributionConfig

SHIPPED = Path(__file__).resolve().parents[2] / "rules" / "attribution.yaml"
EIGHT = "'first', 'last', 'linear', 'u_shape', 'w_shape', 'full_path', 'time_decay', 'markov'"
CREDITS = "first, last, linear, u_shape, w_shape, full_path, time_decay"


def read(path):
    mistakes = Mistakes()
    document, found = read_yaml(path, "rules/attribution.yaml")
    mistakes.take(found)
    section = read_attribution(document, mistakes) if document else None
    rules = compile_attribution(section, "Europe/Berlin") if section and section.right else None
    return rules, mistakes.sorted()


def found_in(tmp_path, *lines):
    path = tmp_path / "attribution.yaml"
    path.write_text("\n".join(["attribution:", *(f"  {line}" for line in lines)]) + "\n", encoding="utf-8")
    return read(path)


def test_the_shipped_file_is_the_defaults():
    assert read(SHIPPED) == (AttributionConfig(), [])


def test_a_short_file_takes_the_defaults(tmp_path):
    rules, mistakes = found_in(tmp_path, "half_life_days: 3.5", "contacts: {roles: [Decision Maker]}")
    assert mistakes == []
    assert rules == replace(AttributionConfig(), half_life_days=Decimal("3.5"), contact_roles=("Decision Maker",))


def test_the_hash_follows_the_meaning(tmp_path):
    models = "models: [markov, time_decay, full_path, w_shape, u_shape, linear, last, first]"
    same, _ = found_in(tmp_path, "# a comment", "half_life_days: 7.0", models)
    other, _ = found_in(tmp_path, "half_life_days: 8")
    assert same.hash == AttributionConfig().hash != other.hash


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["half_live_days: 7"], "2: unknown key 'half_live_days'; did you mean 'half_life_days'?"),
        (["half_life_days: 0"], "2: 'half_life_days': must be above 0: from 0.01 to 3650 days, usually 7"),
        (["half_life_days: -7"], "2: 'half_life_days' must be at least 0"),
        (
            ["half_life_days: a week"],
            "2: 'half_life_days': write a number such as 15, -10 or 2.5, with a decimal point and without a unit",
        ),
        (["lookback_days: 0"], "2: 'lookback_days' must be at least 1"),
        (["lookback_days: soon"], "2: 'lookback_days' must be a whole number"),
        (
            ["models: [first, w_shap]", "primary_model: first"],
            f"2: this entry must be {EIGHT} or 'shapley'; did you mean 'w_shape'?",
        ),
        (["models: [w_shape, w_shape]"], "2: 'models': 'w_shape' stands twice: keep one"),
        (["models: []"], "2: 'models' must not be empty"),
        (["models: [first]"], "2: 'primary_model': w_shape is not under `models`: add it there, or choose another"),
        (
            ["models: [first]", "primary_model: linear"],
            "3: 'primary_model': linear is not under `models`: add it there, or choose another",
        ),
        (
            ["primary_model: markov"],
            f"2: 'primary_model': markov gives channels a share and deals no credits: choose one of {CREDITS}",
        ),
        (
            ["weights:", "  w_shape: [30, 30, 30, 9.9]"],
            "3: 'w_shape': the weights sum to 99.9, not 100: correct one of FT, LC, OC, others",
        ),
        (["weights: {u_shape: [50, 50]}"], "2: 'u_shape': has 2 weights, needs 3: FT, LC, others"),
        (
            ["weights: {u_shape: [0, 80, 20]}"],
            "2: 'u_shape': a milestone's weight must be above 0: FT, LC, others; only that of the others may be 0",
        ),
        (["weights: {z_shape: [100]}"], "2: unknown key 'z_shape'; did you mean 'w_shape'?"),
        (["u_shape_anchor: lst"], "2: 'u_shape_anchor' must be 'lead' or 'last'; did you mean 'last'?"),
        (["include_sales: maybe"], "2: 'include_sales' must be true or false"),
        (
            ["contacts: {roles: everybody}"],
            "2: 'roles': write `any`, or a list of roles such as [Decision Maker]",
        ),
        (["reporting_currency: euro"], "2: 'reporting_currency': a currency is three capital letters, such as EUR"),
        (
            ["channels: {PAID_SEARCH: Paid Search}"],
            "2: 'PAID_SEARCH': a channel is lower case letters, digits and _, such as webinar",
        ),
        (
            ["channels: {OFFLINE: unattributed}"],
            "2: 'OFFLINE': 'unattributed' is the channel of deals without touches: choose another name",
        ),
        (
            ["sourced:", "  marketing_channels:", "    - webinars"],
            "4: the channel 'webinars' stands behind no code under `channels`; did you mean 'webinar'?",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path, lines, sentence):
    _, mistakes = found_in(tmp_path, *lines)
    assert mistakes == [f"rules/attribution.yaml:{sentence}"]


def test_all_mistakes_at_once(tmp_path):
    _, mistakes = found_in(tmp_path, "lookback_days: 0", "half_life_days: 0", "speed: 3", "primary_model: shapley")
    assert [each.split(":")[1] for each in mistakes] == ["2", "3", "4", "5"]


@pytest.mark.parametrize("text", ["", "- first\n", "attribution:\n", "attribution: first\n"])
def test_no_rules_at_all(tmp_path, text):
    path = tmp_path / "attribution.yaml"
    path.write_text(text, encoding="utf-8")
    rules, mistakes = read(path)
    assert rules is None
    assert len(mistakes) == 1
    assert mistakes[0].startswith("rules/attribution.yaml:1: ")
