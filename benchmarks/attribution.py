"""How fast attribution is, and whether its memory stays flat.

Run by hand:

    python benchmarks/attribution.py                       1,000,000 touches over 100,000 deals
    python benchmarks/attribution.py --touches 100000      another size

Seconds are those of one core (CPU time), since other programs may share the machine. Deals stream by, so nothing but
the counts of channels is kept; making the random deals is not timed. «credits» are the records with keys as they are
written to the CRMs: more work than their numbers, done only for deals that changed.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from connector.revops.attribution import Attributor
from connector.revops.attribution_config import CREDIT_MODELS, MODELS, AttributionConfig
from connector.revops.attribution_credits import make_credits
from connector.revops.attribution_markov import Markov
from connector.revops.attribution_path import Deal, Outcome
from connector.revops.attribution_shapley import Shapley
from connector.revops.attribution_touch import Desk, Touch

DAY, NOW = 86_400, 1_793_000_000
PER_DEAL, CREDIT_DEALS = 10, 5000
OUTCOMES: tuple[Outcome, ...] = ("won", "lost", "open")


def deals(touches: int, desk: Desk) -> Iterator[tuple[Deal, list[Touch]]]:
    """Random deals of 1 to 19 touches each, unordered."""
    dice = random.Random(20261123)
    codes = sorted(desk.config.channels)
    left, number = touches, 0
    while left:
        number += 1
        count = min(left, dice.randint(1, 2 * PER_DEAL - 1))
        left -= count
        closed = NOW - dice.randrange(300 * DAY)
        created = closed - dice.randrange(120 * DAY)
        outcome = OUTCOMES[number % 3]
        deal = Deal(
            key=f"deal-{number}",
            amount=dice.randrange(1, 10_000_000),
            currency="EUR",
            created=created,
            closed=None if outcome == "open" else closed,
            outcome=outcome,
            lead_at=created - dice.randrange(60 * DAY),
        )
        made = []
        for i in range(count):
            when = (closed - dice.randrange(240 * DAY)) * 1000
            touch = desk.touch(f"person-{number}", "hubspot", f"{number}-{i}", "form", when, dice.choice(codes))
            assert touch is not None
            made.append(touch)
        yield deal, made


def peak() -> int:
    """The most memory this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--touches", type=int, default=1_000_000)
    touches = parser.parse_args().touches
    config = AttributionConfig(models=MODELS, include_sales=True)
    attributor, desk = Attributor(config), Desk(config, "1234567", "00D000000000001AAA")
    seconds = {"rules": 0.0, "channels": 0.0, "credits": 0.0}
    markov, shapley = Markov(), Shapley()
    counts = {"touches": 0, "deals": 0, "credits": 0, "credit deals": 0}
    early = 0
    now = time.process_time
    for deal, given in deals(touches, desk):
        began = now()
        result = attributor.attribute(deal, given, NOW)
        attributed = now()
        channels = [touch.channel for touch in result.touches]
        won = deal.outcome == "won"
        markov.add(channels, won=int(won), lost=int(deal.outcome == "lost"))
        if won:
            shapley.add(channels, deal.amount or 0)
        added = now()
        seconds["rules"] += attributed - began
        seconds["channels"] += added - attributed
        counts["deals"] += 1
        counts["touches"] += len(result.touches)
        if counts["credit deals"] < CREDIT_DEALS:
            counts["credits"] += sum(1 for _ in make_credits(result, attributor))
            seconds["credits"] += now() - added
            counts["credit deals"] += 1
        if not early and counts["touches"] >= touches // 10:
            early = peak()
    began = time.process_time()
    removal, values = markov.removal(), shapley.values()
    solving = time.process_time() - began
    rate = counts["touches"] / seconds["rules"]
    print(f"{counts['touches']:,} touches over {counts['deals']:,} deals, {len(removal.shares)} channels")
    print(f"{len(CREDIT_MODELS)} rule models      {seconds['rules']:7.2f} s  {rate:12,.0f} touches per second")
    print(
        f"markov and shapley {seconds['channels'] + solving:7.2f} s  of which solving {solving:.3f} s, "
        f"shares sum to {sum(removal.shares.values())} and {int(sum(values.values())):,} minor units"
    )
    print(
        f"credits with keys  {seconds['credits']:7.2f} s  {counts['credits'] / seconds['credits']:12,.0f} credits "
        f"per second ({counts['credits']:,} of {counts['credit deals']:,} deals)"
    )
    print(f"peak memory        {peak()} MB; {early} MB after the first tenth")


if __name__ == "__main__":
    main()
