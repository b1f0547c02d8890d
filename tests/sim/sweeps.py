"""All the ways in which a scene is played over and over; each gives the oracle's findings, replay by replay."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from random import Random
from typing import Literal, TypeVar

from boundary import WRITES
from meddling import Word, moments, speak, words
from replay import Rehearsal, Remains, Scene
from stage import Stage

T = TypeVar("T")
Replay = Callable[[], list[str]]
Sweep = Literal[
    "calm", "kills", "struck dead", "faults", "lost", "undone", "edits", "edited after a kill", "upset after a kill"
]


def sweep(scene: Scene, how: Sweep, seed: int = 0, most: int | None = None) -> Iterator[list[str]]:
    """Play a scene once for each thing that can happen to it, or about `most` times with others for each seed."""
    for replay in some(_replays(scene, how), seed, most):
        yield replay()


def _replays(scene: Scene, how: Sweep) -> list[Replay]:
    """Every replay of one kind, what is likely to go wrong first."""
    if how == "calm":
        return [partial(scene.survives, None)]
    rehearsal = scene.rehearsal
    if how == "kills":
        return [partial(scene.survives_kill, remains) for remains in reversed(rehearsal.remains)]
    if how == "edits":
        return [partial(scene.survives, None, speak(word, at)) for word, at in contradictions(scene, rehearsal)]
    if how == "edited after a kill":
        pairs = last_words(scene, rehearsal)
        return [partial(scene.survives_kill, remains, partial(_say, word=word)) for remains, word in pairs]
    if how == "upset after a kill":
        return [
            partial(scene.survives_kill, remains, partial(_upset, salt=remains.at)) for remains in rehearsal.remains
        ]
    strikes = rehearsal.kills() if how == "struck dead" else rehearsal.faults()
    wanted = [strike for strike in strikes if how in ("struck dead", "faults", strike.how)]
    return [partial(scene.survives, strike) for strike in wanted]


def some(items: Sequence[T], seed: int, most: int | None) -> Sequence[T]:
    """About `most` items spread over all of them, others for each seed; all of them without a limit."""
    step = max(1, len(items) // most) if most else 1
    return items[seed % step :: step]


def contradictions(scene: Scene, rehearsal: Rehearsal) -> list[tuple[Word, int]]:
    """Every word that the run writes or carries, contradicted ahead of every call to a CRM."""
    with closing(scene.play()) as stage:
        said = words(stage, rehearsal)
    pairs = [(word, at) for at in moments(rehearsal) for word in said]
    return sorted(pairs, key=lambda pair: _interest(rehearsal.boundaries[pair[1] - 1]))


def _interest(boundary: str) -> int:
    """What is likely to go wrong is played first: the last look before a write, the write, everything else."""
    return 0 if boundary.endswith(" read") else 1 if boundary.rsplit(maxsplit=1)[-1] in WRITES else 2


def last_words(scene: Scene, rehearsal: Rehearsal) -> list[tuple[Remains, Word]]:
    """Every kill, each followed by every word that contradicts what the killed run wrote or carried."""
    with closing(scene.play()) as stage:
        said = words(stage, rehearsal)
    pairs = [(remains, word) for remains in rehearsal.remains for word in said]
    return sorted(pairs, key=lambda pair: _interest(pair[0].name))


def _say(stage: Stage, word: Word) -> None:
    row = stage.world.crms[word.side].rows.get(word.record)
    if row is not None:
        stage.people.edit(row, **{word.field: word.value})


def _upset(stage: Stage, salt: int) -> None:
    """Three things that cannot be undone, others after every kill."""
    random = Random(salt)
    for _ in range(3):
        stage.people.upset(random)
