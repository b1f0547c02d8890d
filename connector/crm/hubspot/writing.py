"""Batch writes with one outcome per record, whatever part of a batch HubSpot refuses.

Every input carries its own trace id, so that HubSpot answers 207 with errors per record. Where it still refuses
a whole batch, the batch is cut until the culprit is alone. Limits: 100 inputs per call (object API guide).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connector.crm.http import Answer, LostAnswer
from connector.crm.hubspot.client import Client
from connector.crm.hubspot.names import modified_property, stamp
from connector.crm.hubspot.refusals import SAME_FOR_ALL, bad_properties, refusal, traces
from connector.errors import ConnectorError, LaterError, SettingsError
from connector.model import Done, Later, Outcome, Unknown, Write

BATCH = 100

Outcomes = dict[str, Outcome]
Send = Callable[[Sequence[Write]], Answer]


def text(value: Any) -> str:
    """A value as HubSpot takes it; null would be accepted and leave the old value, so empty is ""."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def properties(write: Write) -> dict[str, str]:
    """The properties of one write."""
    return {name: text(value) for name, value in write.fields.items()}


def upsert(client: Client, path: str, stamp_property: str, vendor_object: str, writes: Sequence[Write]) -> Outcomes:
    """Create or find by the unique property; may be repeated, so a lost answer is asked for again."""

    def send(part: Sequence[Write]) -> Answer:
        inputs = [
            {
                "id": text(write.fields[stamp_property]),
                "idProperty": stamp_property,
                "properties": properties(write),
                "objectWriteTraceId": write.ref,
            }
            for write in part
        ]
        return client.post(path, {"inputs": inputs}, repeat=True)

    by_stamp = {text(write.fields[stamp_property]): write.ref for write in writes}
    since = stamp(client.began(client.monotonic()).strftime("%Y-%m-%dT%H:%M:%SZ"))
    batch = _Batch(
        send, vendor_object, lambda result: by_stamp.get(result["properties"].get(stamp_property) or ""), since
    )
    return batch.run(writes)


def insert(
    client: Client,
    path: str,
    vendor_object: str,
    writes: Sequence[Write],
    links: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    by: str,
) -> Outcomes:
    """Create with associations (`links`, by ref); not repeated, since it would create once more.

    `by` is a property whose values differ: it tells the results apart where HubSpot does not give back trace ids.
    """

    def send(part: Sequence[Write]) -> Answer:
        inputs = [
            {
                "properties": properties(write),
                "associations": list(links.get(write.ref, ())),
                "objectWriteTraceId": write.ref,
            }
            for write in part
        ]
        return client.post(path, {"inputs": inputs}, repeat=False)

    by_value = {text(write.fields[by]): write.ref for write in writes}
    return _Batch(send, vendor_object, lambda result: by_value.get(result["properties"].get(by) or "")).run(writes)


def update(client: Client, path: str, vendor_object: str, writes: Sequence[Write], *, repeat: bool = False) -> Outcomes:
    """Write by id; a lost answer is repeated only with `repeat`, since somebody may have edited in between."""

    def send(part: Sequence[Write]) -> Answer:
        inputs = [
            {"id": write.id or "", "properties": properties(write), "objectWriteTraceId": write.ref} for write in part
        ]
        return client.post(path, {"inputs": inputs}, repeat=repeat)

    by_id = {write.id: write.ref for write in writes}
    return _Batch(send, vendor_object, lambda result: by_id.get(str(result["id"]))).run(writes)


def archive(client: Client, path: str, writes: Sequence[Write]) -> Outcomes:
    """Move to the recycle bin; HubSpot answers 204 for records that are there already."""

    def send(part: Sequence[Write]) -> Answer:
        return client.post(path, {"inputs": [{"id": write.id or ""} for write in part]}, repeat=False)

    return _Batch(send, "", lambda _: None).run(writes)


class _Batch:
    """One batch on its way; `ref_of` names the write of a result that does not carry its trace id.

    `since` is when the call set out: after a repeat, HubSpot calls a record that our lost attempt created an old one.
    """

    def __init__(
        self,
        send: Send,
        vendor_object: str,
        ref_of: Callable[[Mapping[str, Any]], str | None],
        since: str = "",
    ) -> None:
        self._send = send
        self._modified = modified_property(vendor_object) if vendor_object else ""
        self._ref_of = ref_of
        self._since = since

    def run(self, writes: Sequence[Write]) -> Outcomes:
        try:
            answer = self._send(writes)
        except LostAnswer:
            return {write.ref: Unknown("HubSpot's answer was lost") for write in writes}
        if answer.status == 204:  # noqa: PLR2004 - done, nothing to say
            return {write.ref: Done(write.id or "") for write in writes}
        if answer.status < 400:  # noqa: PLR2004 - errors as HTTP defines them
            return self._sorted(writes, answer.body if isinstance(answer.body, dict) else {}, risky=answer.risky)
        if len(writes) == 1:
            return {writes[0].ref: refusal(answer.body, writes[0].fields)}
        return self._cut(writes, answer.body if isinstance(answer.body, dict) else {})

    def _sorted(self, writes: Sequence[Write], body: Mapping[str, Any], *, risky: bool) -> Outcomes:
        by_ref = {write.ref: write for write in writes}
        outcomes: Outcomes = {}
        for result in body.get("results") or []:
            ref = result.get("objectWriteTraceId") or self._ref_of(result)
            if ref in by_ref:
                outcomes[ref] = self._done(result, risky=risky)
        for error in body.get("errors") or []:
            refs = traces(error) or [write.ref for write in writes if write.id in _ids(error)]
            outcomes |= {ref: refusal(error, by_ref[ref].fields) for ref in refs if ref in by_ref}
        nothing = Unknown("HubSpot's answer does not say what became of this record")
        return {write.ref: outcomes.get(write.ref, nothing) for write in writes}

    def _done(self, result: Mapping[str, Any], *, risky: bool) -> Done:
        stored = result.get("properties") or {}
        modified = stamp(stored.get(self._modified) or result.get("updatedAt"))
        just_born = risky and bool(self._since) and stamp(result.get("createdAt")) >= self._since
        return Done(str(result["id"]), stored, created=bool(result.get("new")) or just_born, modified=modified)

    def _cut(self, writes: Sequence[Write], body: Mapping[str, Any]) -> Outcomes:
        """The batch was refused as a whole and nothing of it done: find who is to blame."""
        banned = {name for code, name in bad_properties(body) if code in SAME_FOR_ALL}
        blamed = [write for write in writes if banned & write.fields.keys()]
        if blamed:
            rest = [write for write in writes if not banned & write.fields.keys()]
            outcomes: Outcomes = {write.ref: refusal(body, write.fields) for write in blamed}
            return outcomes | (self.run(rest) if rest else {})
        half = len(writes) // 2
        first = self.run(writes[:half])
        return first | after_some(self.run, writes[half:])


def in_parts(send: Callable[[Sequence[Write]], Outcomes], writes: Sequence[Write]) -> list[Outcome]:
    """Batch by batch; once something is written, an error that stops everything becomes outcomes.

    Raises:
        SettingsError, LaterError: of the first batch, of which nothing was done.
    """
    outcomes: Outcomes = {}
    for start in range(0, len(writes), BATCH):
        part = writes[start : start + BATCH]
        outcomes |= after_some(send, part) if outcomes else send(part)
    return [outcomes[write.ref] for write in writes]


def after_some(run: Callable[[Sequence[Write]], Outcomes], writes: Sequence[Write]) -> Outcomes:
    """`run` of `writes` where others are written already, so that an error must not lose what came of those."""
    try:
        return run(writes)
    except (LaterError, SettingsError) as error:
        return {write.ref: _later(error) for write in writes}


def _later(error: ConnectorError) -> Later:
    return Later(str(error), error.after if isinstance(error, LaterError) else 0.0)


def _ids(error: Mapping[str, Any]) -> set[str]:
    """The record ids in an error's context."""
    context = error.get("context")
    if not isinstance(context, dict):
        return set()
    return {str(one) for name in ("id", "ids", "objectId", "objectIds") for one in context.get(name) or ()}
