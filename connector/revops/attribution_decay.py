"""Weights that halve every half-life, as whole numbers: the same on every machine, down to the last digit.

`2^(-t/h)` is looked up in two tables of fixed-point numbers (64 bits each) and multiplied, so that no float decides
a cent. Ages count from the newest touch: normalised weights are the same as counted from the close, and those of an
open deal do not move from day to day.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext
from functools import lru_cache
from math import isqrt

_BITS = 64
_SPARE = 32  # of the 128 bits of a product; a touch 96 half-lives older than the newest weighs nothing
_DIGITS = 50


class Decay:
    """Halving weights for one half-life in seconds."""

    def __init__(self, half_life: int) -> None:
        if half_life < 1:
            raise ValueError("a half-life is at least one second")
        self._half_life = half_life
        self._step = isqrt(half_life) + 1
        with localcontext(prec=_DIGITS):
            second = (-Decimal(2).ln() / half_life).exp()
            self._fine = _powers(second, self._step)
            self._coarse = _powers(second**self._step, half_life // self._step + 1)

    def weights(self, instants: Sequence[int]) -> list[int]:
        """A weight for every instant (seconds); the newest has the largest."""
        newest, half_life, step = max(instants), self._half_life, self._step
        coarse, fine = self._coarse, self._fine
        weights = []
        for at in instants:
            halvings, rest = divmod(newest - at, half_life)
            weights.append(coarse[rest // step] * fine[rest % step] >> halvings + _SPARE)
        return weights


@lru_cache(maxsize=8)
def decay(half_life: int) -> Decay:
    """The tables of a half-life in seconds, made once."""
    return Decay(half_life)


def _powers(base: Decimal, count: int) -> list[int]:
    """`base` to the power 0, 1, 2 …, in fixed point."""
    powers, value = [], Decimal(1 << _BITS)
    for _ in range(count):
        powers.append(int(value.to_integral_value()))
        value *= base
    return powers
