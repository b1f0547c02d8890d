"""What revloop knows between runs, in one SQLite file or one PostgreSQL database."""

from connector.state.conflicts import ConflictRow
from connector.state.inbox import Held
from connector.state.ledger import LedgerRow
from connector.state.plans import Intents
from connector.state.records import Pair, Seen
from connector.state.runs import Run
from connector.state.store import Store

__all__ = ["ConflictRow", "Held", "Intents", "LedgerRow", "Pair", "Run", "Seen", "Store"]
