"""One run: lock, recover, read, match, merge, plan, brakes, apply, close (design §4).

Three ways in: `sync` does it all, `plan` stops before the first write, `apply` carries out a stored plan exactly.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from connector.core.brakes import Facts, Limits, brakes, missing
from connector.core.brakes import Seen as Returned
from connector.core.plan import ORDER, WAITING
from connector.crm.port import Crm, WriteKind
from connector.engine.accounts import bind
from connector.engine.activities import read_activities
from connector.engine.apply import Applier
from connector.engine.compare import Planner
from connector.engine.derive.derive import Derive
from connector.engine.derive.remember import settle_fields
from connector.engine.derive.rules import began, remember_beginning
from connector.engine.effects.carry import carry_out
from connector.engine.inputs import changed_inputs, keep_inputs, shown_inputs
from connector.engine.lease import leased
from connector.engine.people import Owners
from connector.engine.read import read
from connector.engine.recover import recover
from connector.engine.row_again import again
from connector.engine.row_batches import row_calls
from connector.engine.seams import Result, Seams, Work
from connector.engine.shape import Shapes
from connector.engine.suitable import refuse_lost_stages, refuse_unsuitable
from connector.errors import BrakeError, ConnectorError
from connector.model import SIDES, Side
from connector.project import Project
from connector.state.store import Store

logger = logging.getLogger("revloop.run")

KINDS: tuple[WriteKind, ...] = ("create", "update", "associate", "archive")

SHORT = "read.short"
"""Kept in the store while the last full read brought back too few records."""

KEPT_PLANS = 20
"""Plans whose actions stay readable; the ledger keeps what was written for ever."""


def sync(project: Project, store: Store, crms: Mapping[Side, Crm], seams: Seams, *, full: bool = False) -> Result:
    """Read both CRMs, plan, and apply.

    Raises:
        SettingsError, LaterError, StateError: the run could not go on; everything is resumable.
        Interrupted: a stop was asked for.
    """

    def steps(work: Work, shapes: Shapes, owners: Owners) -> Result:
        plan, reasons = _plan(work, shapes, owners, full=full)
        if reasons:
            for reason in reasons:
                logger.error("brake", extra={"run": work.run, "plan": plan, "reason": reason})
            store.plans.set_status(plan, "refused")
            return _result(work, plan, reasons)
        return _apply(work, shapes, owners, plan)

    return _run("sync", project, store, crms, seams, steps)


def plan(project: Project, store: Store, crms: Mapping[Side, Crm], seams: Seams, *, full: bool = False) -> Result:
    """Read both CRMs and make a plan; nothing is written to a CRM. Raises as `sync` does."""

    def steps(work: Work, shapes: Shapes, owners: Owners) -> Result:
        made, reasons = _plan(work, shapes, owners, full=full)
        return _result(work, made, reasons, planned_only=True)

    return _run("plan", project, store, crms, seams, steps)


def apply(
    project: Project, store: Store, crms: Mapping[Side, Crm], seams: Seams, plan_id: str, *, allow: bool = False
) -> Result:
    """Carry out a stored plan exactly.

    Args:
        project: the project as it is now; it must be the one the plan was made with.
        store: the state.
        crms: both CRMs.
        seams: the outside of the run.
        plan_id: which plan.
        allow: go on although the brakes refused this plan.

    Raises:
        BrakeError: the plan does not exist, was applied, or is older than what has been read since.
        SettingsError, LaterError, StateError, Interrupted: as `sync`.
    """

    def steps(work: Work, shapes: Shapes, owners: Owners) -> Result:
        _still_good(work, plan_id, allow=allow)
        return _apply(work, shapes, owners, plan_id)

    return _run("apply", project, store, crms, seams, steps)


def rebuild(project: Project, store: Store, crms: Mapping[Side, Crm], seams: Seams) -> Result:
    """Restore the links from the stamps and keys of both CRMs; equal fields are adopted, nothing is written."""

    def steps(work: Work, shapes: Shapes, owners: Owners) -> Result:
        made, _ = _plan(work, shapes, owners, full=True, ask=True)
        applier = Applier(work, shapes, owners, made)
        applier.adopt_only()
        store.plans.set_status(made, "applied")
        store.put("project.hash", project.hash)
        return _result(work, made, ())

    return _run("rebuild", project, store, crms, seams, steps)


# --- the frame of every run ----------------------------------------------------------------------------


def _run(
    kind: str,
    project: Project,
    store: Store,
    crms: Mapping[Side, Crm],
    seams: Seams,
    steps: Callable[[Work, Shapes, Owners], Result],
) -> Result:
    """Lease, run row, recovery, and the way out for every kind of ending."""
    run = seams.new_id("run")
    with leased(store, run, seams):
        store.runs.begin(run, kind, seams.clock(), seams.pid)
        logger.info("run begins", extra={"run": run, "kind": kind})
        work = Work(project, store, crms, seams, run)
        try:
            bind(work)
            shapes = Shapes(project.mappings, project.settings.time_zone, shown_inputs(work))
            owners = Owners(crms)
            recover(work, shapes, owners)
            result = steps(work, shapes, owners)
        except ConnectorError as error:
            logger.warning("run stops", extra={"run": run, "exit_code": error.exit_code, "error": type(error).__name__})
            store.runs.end(run, seams.clock(), "stopped", error.exit_code, {"run": run, "error": type(error).__name__})
            raise
        status = {0: "done", 1: "held", 3: "later", 4: "refused"}[result.exit_code]
        store.runs.end(run, seams.clock(), status, result.exit_code, dict(result.summary))
        store.plans.drop_old(KEPT_PLANS)
        facts = {"run": run, "plan": result.plan, "exit_code": result.exit_code, "writes": dict(work.writes)}
        logger.info("run ends", extra=facts)
        return result


def _plan(work: Work, shapes: Shapes, owners: Owners, *, full: bool, ask: bool = False) -> tuple[str, tuple[str, ...]]:
    """Read, compare and brake.

    Returns:
        The plan's id, and the reasons not to apply it.
    """
    store, project = work.store, work.project
    accepted = store.get("project.hash")
    changed = accepted is not None and accepted != project.hash
    if accepted != project.hash:
        refuse_unsuitable(work, shapes)
    refuse_lost_stages(work)
    links = sum(store.links.count(mapping.object) for mapping in project.mappings)
    anew = changed or accepted is None or changed_inputs(work, shapes) or store.get(SHORT) == "yes"
    returned = read(work, shapes, full=full or anew)
    keep_inputs(work, shapes)
    short = missing(returned, project.settings.brakes.limits)
    read_activities(work, full=(full or anew) and not short)
    # Only a full read can see that records are missing: until one sees them again, every read is full.
    store.put(SHORT, "yes" if short else "")
    plan_id, now, upto = work.seams.new_id("plan"), work.seams.clock(), store.mirror.latest()
    accounts: dict[str, str] = {side: store.get(f"account.{side}") or "" for side in SIDES}
    store.plans.begin(plan_id, work.run, now, project.hash, accounts, upto)
    # Planning marks what needs nothing as processed: what the rules have to look at is noted before.
    store.standings.note_dirty(upto)
    planner = Planner(work, shapes, owners, plan_id, upto, ask=ask)
    planner.make()
    if not ask:
        everyone = changed or began(work) is None
        Derive(work, shapes, owners, plan_id, upto, now, planner, everyone=everyone).make()
        store.inbox.sweep(work.run, plan_id)
    summary = planner.counts.summary()
    carried = {side: store.carried.count(side) for side in SIDES if summary["drop"][side]}
    reasons = tuple(_reasons(project.settings.brakes.limits, summary, links, returned, carried, changed=changed))
    store.plans.finish(plan_id, {**summary, "reasons": list(reasons), "calls": _calls_needed(work, summary["objects"])})
    return plan_id, reasons


def _reasons(
    limits: Limits,
    counts: Mapping[str, Any],
    links: int,
    returned: tuple[Returned, ...],
    carried: Mapping[Side, int],
    *,
    changed: bool,
) -> list[str]:
    return brakes(
        Facts(counts, links, returned, carried={side: carried[side] for side in carried}, project_changed=changed),
        limits,
    )


def _apply(work: Work, shapes: Shapes, owners: Owners, plan_id: str) -> Result:
    """Write what the plan says, settle what stayed unknown, and mark what is dealt with."""
    store = work.store
    store.put("project.hash", work.project.hash)
    Applier(work, shapes, owners, plan_id).apply()
    recover(work, shapes, owners)
    settle_fields(work, plan_id)
    with store.transaction():
        upto = store.plans.upto(plan_id)
        store.mirror.clean_plan(plan_id, upto)
        store.standings.done(upto, plan_id)
        again(work, plan_id)
        remember_beginning(work, plan_id)
        store.inbox.sweep(work.run, plan_id)
        store.plans.set_status(plan_id, "applied")
    carried = carry_out(work, owners, work.seams.channels, work.seams.clock(), work.project.agreement.locale)
    return _result(work, plan_id, (), effects=carried.data())


def _still_good(work: Work, plan_id: str, *, allow: bool) -> None:
    """A stored plan may be applied while nothing has been read or written since it was made."""
    store = work.store
    made = store.plans.get(plan_id)
    if made is None:
        raise BrakeError(f"there is no plan {plan_id}; `revloop plan` makes one")
    status = store.plans.status(plan_id)
    if status == "applied":
        raise BrakeError(f"plan {plan_id} has been applied already; `revloop plan` makes a new one")
    if made.project_hash != work.project.hash:
        raise BrakeError(f"the mapping or rule files changed since plan {plan_id} was made; make a new one")
    if store.mirror.latest() != store.plans.upto(plan_id):
        raise BrakeError(f"records changed since plan {plan_id} was made; make a new one with `revloop plan`")
    reasons = made.counts.get("reasons") or []
    if reasons and not allow:
        raise BrakeError(
            "the brakes refuse this plan:\n  "
            + "\n  ".join(reasons)
            + f"\nto apply it all the same: revloop apply {plan_id} --allow"
        )


def _calls_needed(work: Work, planned: Mapping[str, int]) -> dict[str, int]:
    """How many calls applying will take on each side, from the batch sizes the CRMs name.

    Args:
        work: the run.
        planned: `kind.object.side` -> number of actions.
    """
    needed: dict[str, int] = dict.fromkeys(SIDES, 0)
    # An update is read again before it is written.
    calls = {"create": 1, "update": 2, "associate": 1, "archive": 1}
    for kind, object_, side in ((kind, object_, side) for kind in KINDS for object_ in ORDER for side in SIDES):
        count = planned.get(f"{kind}.{object_}.{side}", 0)
        if count:
            needed[side] += calls[kind] * -(-count // work.crms[side].batch_size(kind, "", count))
    for side in SIDES:
        needed[side] += row_calls(work, side, planned)
    return needed


def _result(
    work: Work,
    plan_id: str,
    reasons: tuple[str, ...],
    *,
    planned_only: bool = False,
    effects: Mapping[str, Any] | None = None,
) -> Result:
    """The run as the JSON object of design §11, and its exit code."""
    store = work.store
    made = store.plans.get(plan_id)
    assert made is not None
    states = store.plans.state_counts(plan_id)
    later = sum(count for (_, _, state), count in states.items() if state in {"later", "unknown", "stale"})
    refused = sum(count for (_, _, state), count in states.items() if state == "refused")
    waiting_people = sum(count for code, count in store.inbox.counts().items() if code != WAITING)
    conflicts = len(store.conflicts.list("open"))
    shown = ("create", "update", "archive", "noop", "held", "conflicts")
    began = store.runs.get(work.run)
    seconds = (work.seams.clock() - began.started).total_seconds() if began else 0.0
    summary = {
        "run": work.run,
        "plan": {"id": plan_id, **{name: made.counts[name] for name in shown}},
        "details": {name: value for name, value in made.counts.items() if name not in shown},
        "writes": dict(work.writes),
        **({"effects": effects} if effects is not None and not work.project.agreement.empty else {}),
        "refused": refused,
        "later": later,
        "open": {"inbox": waiting_people, "conflicts": conflicts},
        "calls": {side: work.crms[side].usage().used for side in SIDES},
        "seconds": round(seconds, 3),
    }
    if reasons:
        code = 4
    elif later and not planned_only:
        code = 3
    else:
        code = 1 if waiting_people or conflicts or made.counts["held"] else 0
    return Result(work.run, plan_id, code, summary, reasons)
