"""The store's versions, carried out by Alembic, which is imported only when there is something to migrate."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

HEAD = "0002"
"""The version this program writes; a test holds it against the newest file in `versions/`."""

VERSION_TABLE = "revloop_version"


def known() -> set[str]:
    """Every version this program can read and bring up to date."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - costs a quarter of a second, rarely needed

    return {script.revision for script in ScriptDirectory(str(Path(__file__).parent)).walk_revisions()}


def upgrade(connection: Connection) -> None:
    """Bring the store to `HEAD`, inside the caller's transaction."""
    from alembic import command  # noqa: PLC0415 - as above
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
