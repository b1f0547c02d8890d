"""What to do after one attempt of a call: take the answer, repeat, or stop with a reason.

Pure: it sees the attempt number and what was heard, and returns a decision. Waiting, renewing tokens and raising
are the door's business (`http.py`); what a vendor's own error bodies mean is told by its `Policy.judge`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

LONGEST_WAIT = 120.0
"""A wait longer than this (seconds) is not sat out: the run stops cleanly and says when to come back."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})
REFUSED_FOR_NOW = frozenset({423, 429, 477})
"""Answers given instead of doing the work: 423 locked, 429 rate limit, 477 migration (HubSpot error handling)."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer; `body` is decoded JSON, None when there was none; `garbled` says that it is not JSON."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Any = field(default=None, repr=False)
    garbled: Literal["", "html", "broken"] = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer: the request was never `sent`, the answer got `lost`, or it must not be tried (`settings`)."""

    kind: Literal["unsent", "lost", "settings"]
    words: str


# --- what a vendor's policy may say of an answer ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Busy:
    """Worth repeating after so many seconds (None: the usual growing wait).

    `untouched` says that the CRM certainly did nothing; `everybody` that all calls should wait, not only this one.
    """

    after: float | None = None
    untouched: bool = True
    everybody: bool = False


@dataclass(frozen=True, slots=True)
class Spent:
    """A quota of the day is used up; nothing was done."""

    words: str
    after: float = 3600.0


@dataclass(frozen=True, slots=True)
class Denied:
    """A token, scope or permission is wrong; `words` say which and what to do."""

    words: str


@dataclass(frozen=True, slots=True)
class Expired:
    """The token is no longer accepted and a fresh one may help; `words` are for the case that it does not."""

    words: str


@dataclass(frozen=True, slots=True)
class Fine:
    """The adapter takes the answer, whatever its status."""


Verdict = Busy | Spent | Denied | Expired | Fine


@dataclass(frozen=True, slots=True)
class Policy:
    """One vendor's rules: `judge` returns None where the general ones hold.

    A repeat waits `first` seconds, then twice as long each time, up to `most`.
    """

    vendor: str
    judge: Callable[[Heard], Verdict | None]
    attempts: int = 6
    first: float = 0.5
    most: float = 20.0


# --- decisions -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Return:
    """The answer goes to the adapter."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Try again after `after` seconds; `renew` the token first; `risky`: this attempt may have been carried out."""

    after: float
    renew: bool = False
    risky: bool = False
    everybody: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """Raise: `settings` and `later` are certain that nothing was done, `lost` is not."""

    kind: Literal["settings", "later", "lost"]
    words: str
    after: float = 60.0


Decision = Return | Repeat | Stop


@dataclass(frozen=True, slots=True)
class Tries:
    """The call so far: its attempts, this one included, and what the earlier ones leave behind."""

    attempt: int = 1
    risky: bool = False
    renewed: bool = False


def decide(policy: Policy, tries: Tries, *, repeat: bool, heard: Heard | Failed) -> Decision:
    """Decide one attempt; `repeat` says that the call may be carried out twice without harm."""
    if isinstance(heard, Failed):
        return _failure(policy, tries, repeat=repeat, failed=heard)
    verdict = policy.judge(heard) or _general(policy, heard)
    match verdict:
        case Fine():
            return Return()
        case Denied(words):
            return Stop("settings", words)
        case Spent(words, after):
            return Stop("lost" if tries.risky else "later", words, after)
        case Expired(words):
            return Stop("settings", words) if tries.renewed else Repeat(0.0, renew=True, risky=tries.risky)
        case Busy():
            words = f"{policy.vendor} answered with status {heard.status}: run again later"
            return _again(policy, tries, verdict, repeat=repeat, words=words)


def _failure(policy: Policy, tries: Tries, *, repeat: bool, failed: Failed) -> Decision:
    if failed.kind == "settings":
        return Stop("settings", failed.words)
    busy = Busy(untouched=failed.kind == "unsent")
    return _again(policy, tries, busy, repeat=repeat, words=failed.words)


def _again(policy: Policy, tries: Tries, busy: Busy, *, repeat: bool, words: str) -> Decision:
    """Repeat while that is allowed, then stop with what is certain."""
    risky = tries.risky or not busy.untouched
    after = policy.first * 2 ** (tries.attempt - 1) if busy.after is None else busy.after
    after = min(after, policy.most) if busy.after is None else after
    if (risky and not repeat) or tries.attempt >= policy.attempts or after > LONGEST_WAIT:
        return Stop("lost" if risky else "later", words, max(after, 60.0))
    return Repeat(after, risky=risky, everybody=busy.everybody)


def _general(policy: Policy, heard: Heard) -> Verdict:
    """The rules that hold for every HTTP service."""
    if heard.status in REFUSED_FOR_NOW:
        return Busy(retry_after(heard.headers))
    if heard.status >= 500 or heard.status == 408:  # noqa: PLR2004 - 5xx and request timeout as HTTP defines them
        return Busy(retry_after(heard.headers), untouched=False)
    if heard.status in REDIRECTS:
        return Denied(f"{policy.vendor} answered with a redirect: check the configured address, it is followed nowhere")
    if heard.garbled == "broken":
        return Busy(untouched=False)
    if heard.garbled == "html":
        return Denied(
            f"{policy.vendor} answered with an HTML page instead of JSON (status {heard.status}): a proxy or login "
            "page stands between, or the configured address is wrong"
        )
    if heard.status == 401:  # noqa: PLR2004 - unauthorized
        return Denied(f"{policy.vendor} does not accept the token: check that it is complete and not revoked")
    if heard.status == 403:  # noqa: PLR2004 - forbidden
        return Denied(f"{policy.vendor} forbids this call: check the scopes and permissions of the token's user")
    return Fine()


def retry_after(headers: Mapping[str, str]) -> float | None:
    """`Retry-After` in seconds; None where it is missing or a date."""
    text = headers.get("Retry-After", "")
    try:
        return max(float(text), 0.0)
    except ValueError:
        return None
