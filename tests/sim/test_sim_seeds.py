"""Long stories: days of people at work, with a fault or a kill in every run, decided by a seed."""

from __future__ import annotations

from random import Random

import pytest
from boundary import How, Strike
from meddling import chatter
from scenes import known
from stage import Stage

ROUNDS = 5
STORIES = 3
HOWS: tuple[How, ...] = ("kill", "kill after", "down", "lost", "undone", "half", "locked")


@pytest.mark.parametrize("story", range(STORIES))
def test_stories_end_well(stage: Stage, seed: int, story: int) -> None:
    random = Random(f"{seed} {story}")
    known(stage)
    stage.salesforce.bulk = random.random() < 0.3
    for number in range(ROUNDS):
        for _ in range(random.randint(1, 4)):
            stage.people.meddle(random)
        if random.random() < 0.5:
            stage.people.contact(f"new-{number}")
        if random.random() < 0.3:
            stage.people.lead(f"fresh-{number}")
        if random.random() < 0.3:
            stage.people.upset(random)
        stage.world.sleep(random.choice([1.0, 15.0, 300.0]))
        meddling = chatter(random, 0.03)(stage)
        stage.run(Strike(random.randint(1, 110), random.choice(HOWS)), meddling)
        assert stage.oracle().killed() == []
    assert stage.settle() == []
