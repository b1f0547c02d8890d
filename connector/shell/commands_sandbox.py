"""The commands of the two local CRMs."""

from __future__ import annotations

from pathlib import Path

from connector.errors import SettingsError
from connector.report.screen import Screen
from connector.shell import sandboxes
from connector.shell.typed import Fault, FaultKind, SideName


def up(hubspot_port: int, salesforce_port: int, data: Path | None, *, bare: bool, as_json: bool) -> int:
    """Serve until somebody stops it."""
    from connector.sandbox.serve import SESSION, TOKEN, Desk, serve  # noqa: PLC0415 - slow to load: only on demand

    screen = Screen(as_json=as_json)

    def ready(desk: Desk) -> None:
        screen.say(f"HubSpot sandbox    {desk.hubspot_url}   token   {TOKEN}")
        screen.say(f"Salesforce sandbox {desk.salesforce_url}   session {SESSION}")
        screen.say("Point a project at them with hubspot.url and salesforce.url. Ctrl-C ends them.")
        screen.data(
            {
                "hubspot": {"url": desk.hubspot_url, "token": TOKEN},
                "salesforce": {"url": desk.salesforce_url, "session": SESSION},
            }
        )

    try:
        serve(data, hubspot_port=hubspot_port, salesforce_port=salesforce_port, bare=bare, ready=ready)
    except OSError as error:
        raise SettingsError(
            f"the sandboxes cannot start ({error.strerror}): choose other ports with --hubspot-port and "
            "--salesforce-port, or another folder with --data"
        ) from None
    return 0


def load(hubspot_port: int, salesforce_port: int, folder: Path, *, as_json: bool) -> int:
    """Load CSV files."""
    loaded = sandboxes.load(sandboxes.addresses(hubspot_port, salesforce_port), folder)
    screen = Screen(as_json=as_json)
    for side, counts in loaded.items():
        screen.say(f"{side}: " + ", ".join(f"{count:,} {name}" for name, count in counts.items()))
    screen.data({"loaded": loaded})
    return 0


def reset(hubspot_port: int, salesforce_port: int, *, as_json: bool) -> int:
    """Empty both."""
    sandboxes.reset(sandboxes.addresses(hubspot_port, salesforce_port))
    Screen(as_json=as_json).say("Both sandboxes are empty, and without faults.")
    Screen(as_json=as_json).data({"reset": True})
    return 0


def fault(hubspot_port: int, salesforce_port: int, side: SideName, fault: Fault, *, as_json: bool) -> int:
    """Order a fault, or take all away."""
    where = sandboxes.addresses(hubspot_port, salesforce_port)["hubspot" if side is SideName.hubspot else "salesforce"]
    if fault.kind is FaultKind.clear:
        told = sandboxes.order(where, "faults", None, method="DELETE")
    else:
        body = {
            "kind": fault.kind.value,
            "path": fault.path,
            "method": fault.method,
            "nth": fault.nth,
            "times": fault.times,
            "status": fault.status,
            "seconds": fault.seconds,
        }
        told = sandboxes.order(where, "faults", body)
    screen = Screen(as_json=as_json)
    screen.say(f"{len(told['faults'])} faults wait in the {side.value} sandbox.")
    screen.data(told)
    return 0
