"""Filling two running sandboxes with generated people, through their doors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from connector.sandbox.generate import generate
from connector.sandbox.serve import Desk
from connector.shell.sandboxes import order

SEED = 1
SLICE = 1000


def fill(desk: Desk, persons: int) -> None:
    """Both CRMs know six of ten people; the usual dirt lies between them."""
    hubspot, salesforce = generate(persons, SEED, overlap=0.6, dirt=True)
    order(desk.hubspot_url, "owners", {"owners": list(hubspot.pop("owners"))})
    for name, rows in hubspot.items():
        for some in _slices(rows):
            order(desk.hubspot_url, "load", {"object": name, "rows": some})
    for name, rows in salesforce.items():
        for some in _slices(rows):
            order(desk.salesforce_url, "load", {"sobject": name, "rows": some})


def _slices(rows: Iterable[Any]) -> Iterator[list[Any]]:
    source = iter(rows)
    while some := list(islice(source, SLICE)):
        yield some
