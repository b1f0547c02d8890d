"""One judge for the promises 1 to 4 of the design.

1. A person's word never vanishes silently: both sides hold it in the end, or a later word of a person replaced
   it, or a conflict shows both values, or the inbox holds the record, or the mapping forbids that it travels.
2. Nothing becomes two because of us.
3. The state claims only what happened.
4. Running again with nothing changed writes nothing.

It knows what no connector can: who wrote every value and who every record truly is. It asks for nothing that no
connector can do, and forgives only this:

- a word that fell between the last look at a Salesforce record and the write, since Salesforce keeps no history;
- a missing trace of a write whose answer was lost, and of which nothing was left at the next look;
- a word that says again what both sides held before, since states are compared, not keystrokes;
- what a person who merged two records did to the values of either.
"""

from __future__ import annotations

from judge import Known
from judge_ends import Ends
from judge_state import State
from judge_writes import Writes
from truth import Truth


class Oracle:
    """Judges one moment of the world against one reading of the state; what it says begins with the promise."""

    def __init__(self, truth: Truth, known: Known) -> None:
        self._writes, self._ends, self._state = Writes(truth, known), Ends(truth, known), State(truth, known)

    def killed(self) -> list[str]:
        """What must hold at every instant, also right after a kill."""
        state = self._state
        return [*state.links(), *state.bases(), *state.ledger_claims(), *state.doubles()]

    def calm(self) -> list[str]:
        """What must hold when the runs have come to rest."""
        writes, ends = self._writes, self._ends
        return [
            *self.killed(),
            *writes.overwritten(),
            *writes.unwritten(),
            *ends.pairs(),
            *ends.alone(),
            *self._state.left_behind(),
        ]
