"""How fast scoring is: 1,000,000 generated persons against 30 rules, on one core.

Run by hand:

    python benchmarks/score.py                     1,000,000 persons
    python benchmarks/score.py --persons 100000    another number
    python benchmarks/score.py --text              the German explanation of every person too

Persons are generated in blocks and thrown away after scoring, as a run reads pages; only the scoring is timed. Each
has three to five events. Peak memory is told a tenth of the way and at the end: flat means that both are alike.
Attribution is measured by `benchmarks/attribution.py`.
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from connector.project.mistakes import Mistakes
from connector.project.rules.scoring import compile_scoring_file, read_scoring
from connector.project.yaml_lines import read_yaml
from connector.revops.scoring import Event, Scorer, compile_scoring
from connector.revops.scoring_config import EngagementRule, FitRule, Label, ScoringConfig

ROOT = Path(__file__).resolve().parents[1]
BLOCK = 10_000
CONSENT, UNSUBSCRIBED = 0.8, 0.03  # shares of persons
AS_OF = datetime(2026, 11, 23, 3, tzinfo=UTC)
FIT_RULES, ENGAGEMENT_RULES = 10, 20

TITLES = ("Bereichsleiterin Produktion", "Geschäftsführer", "Leiter Vertrieb (m/w/d)", "Teamleiter Einkauf", "Buyer",
          "Head of Operations", "Werkstudent", "Sachbearbeiterin", "CEO", "Produktmanager", None)  # fmt: skip
SIZES = ("12", "48", "75", "180", "240", "900", "1450", "1.000-5.000", "5,000+", None)
INDUSTRIES = ("MACHINERY", "AUTOMOTIVE", "RETAIL", "STAFFING_AND_RECRUITING", "MINING_METALS", None)
COUNTRIES = ("DE", "DE", "AT", "CH", "FR", "US", None)
DOMAINS = ("example.com", "example.org", "gmail.com", "machines.example", "web.de")
TYPES = ("page_view", "page_view", "page_view", "email_open", "email_open", "email_click", "whitepaper",
         "webinar_attended", "webinar_registered", "demo_request", "contact_form", "signal_3", "signal_7")  # fmt: skip
PATHS = ("/", "/preise", "/de/preise/maschinen", "/pricing", "/karriere", "/blog/lean", "/produkte/presse-{}")


def thirty_rules() -> ScoringConfig:
    """The default rules, filled up to ten for fit and twenty for engagement; both SQL rules are on."""
    document, found = read_yaml(ROOT / "rules" / "scoring.yaml", "rules/scoring.yaml")
    assert document is not None
    assert not found
    for rule in document.data["scoring"]["sql"]["rules"]:
        rule["enabled"] = "true"
    mistakes = Mistakes()
    section = read_scoring(document, mistakes)
    assert section is not None, mistakes.sorted()
    config = compile_scoring_file(section, "Europe/Berlin")
    fit, engagement = list(config.fit), list(config.engagement)
    while len(fit) < FIT_RULES:
        name = f"trait_{len(fit)}"
        fit.append(FitRule(name, name, Label(name, name), points={"yes": Decimal(2), "no": Decimal(-1)}))
    while len(engagement) < ENGAGEMENT_RULES:
        name = f"signal_{len(engagement) - len(config.engagement)}"
        rule = EngagementRule(name, name, Decimal(4), Label(name, name), cap=Decimal(8), half_life_days=Decimal(21))
        engagement.append(rule)
    return replace(config, fit=tuple(fit), engagement=tuple(engagement))


def blocks(persons: int) -> Iterator[list[tuple[dict[str, Any], list[Event]]]]:
    """Generated persons with their events."""
    chance = random.Random(1)
    for begin in range(0, persons, BLOCK):
        yield [person(chance, number) for number in range(begin, min(begin + BLOCK, persons))]


def person(chance: random.Random, number: int) -> tuple[dict[str, Any], list[Event]]:
    """One person with three to five events of the last year."""
    pick = chance.choice
    fields: dict[str, Any] = {
        "email": f"person.{number}@{pick(DOMAINS)}",
        "job_title": pick(TITLES),
        "employees": pick(SIZES),
        "industry": pick(INDUSTRIES),
        "country": pick(COUNTRIES),
        "tracking_consent": "true" if chance.random() < CONSENT else None,
        "unsubscribed_all": "true" if chance.random() < UNSUBSCRIBED else "false",
        "bant_budget": pick(("approved", "planned", None)),
        "bant_authority": pick(("decides", "influences", None)),
        "bant_need": pick(("explicit", "implied", None)),
        "bant_timeline": pick(("within_3_months", "later", None)),
        **{f"trait_{i}": pick(("yes", "no", None)) for i in range(5, FIT_RULES)},
    }
    return fields, [event(chance, number, i) for i in range(chance.randint(3, 5))]


def event(chance: random.Random, number: int, i: int) -> Event:
    """One event."""
    at = AS_OF - timedelta(minutes=int(525_600 * chance.random() ** 3))
    kind = chance.choice(TYPES)
    facts = {"path": chance.choice(PATHS).format(number % 400)} if kind == "page_view" else {}
    return Event(kind, at, f"hubspot:{number}-{i}", facts)


def score(scorer: Scorer, block: list[tuple[dict[str, Any], list[Event]]], *, text: bool) -> tuple[float, int]:
    """Score a block: CPU seconds, and how many are hot."""
    hot = 0
    begin = time.process_time()
    for fields, events in block:
        result = scorer.score(fields, events, AS_OF)
        hot += result.temperature == "hot"
        if text:
            result.text("de")
    return time.process_time() - begin, hot


def peak() -> int:
    """The largest resident memory so far in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--text", action="store_true")
    options = parser.parse_args()
    gc.set_threshold(100_000, 50, 50)  # as the command does
    scorer = compile_scoring(thirty_rules())
    seconds, hot, done, early, best = 0.0, 0, 0, 0, 0.0
    for block in blocks(options.persons):
        spent, found = score(scorer, block, text=options.text)
        seconds, hot, done = seconds + spent, hot + found, done + len(block)
        best = max(best, len(block) / spent)
        if not early and done * 10 >= options.persons:
            early = peak()
    rules = len(scorer.config.fit) + len(scorer.config.engagement)
    print(f"{done:,} persons against {rules} rules: {seconds:.2f} CPU s, {done / seconds:,.0f} persons/s, {hot:,} hot")
    print(f"fastest block of {BLOCK:,}: {best:,.0f} persons/s (what the machine gives when nothing else runs)")
    print(f"peak memory {early} MiB after a tenth, {peak()} MiB at the end")


if __name__ == "__main__":
    main()
