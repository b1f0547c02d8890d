"""Salesforce ids in their one canonical form of 18 characters. Whether a record exists is not known here.

The API takes 15 and 18 characters and answers 18; the last three repeat which of the first 15 are capitals,
so that ids survive systems that ignore case.
"""

from __future__ import annotations

_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
SHORT, LONG = 15, 18


def to18(record_id: str) -> str:
    """The 18-character form; whatever has another length than 15 comes back as it is."""
    if len(record_id) != SHORT:
        return record_id
    return record_id + "".join(
        _CHECK[sum(1 << place for place, letter in enumerate(record_id[at : at + 5]) if "A" <= letter <= "Z")]
        for at in (0, 5, 10)
    )
