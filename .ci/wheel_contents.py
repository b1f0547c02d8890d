"""Fails when the wheel lacks a file of the package, or brings one that does not belong to it.

Usage: wheel_contents.py WHEEL, in the checkout that the wheel was built from.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

DEFAULTS = PurePosixPath("connector/defaults")


def expected() -> set[str]:
    """What git knows of the package, by its name in the wheel."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--"]
    listed += ["cli.py", "connector", "mappings", "rules"]
    found = subprocess.run(listed, check=True, capture_output=True, text=True).stdout  # noqa: S603 - fixed words
    names = [PurePosixPath(name) for name in found.split("\0") if name and Path(name).exists()]
    return {str(DEFAULTS / name if name.parts[0] in {"mappings", "rules"} else name) for name in names}


def main(wheel: str) -> int:
    """Print the differences; their presence is the exit code."""
    with ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
        described = {PurePosixPath(name).name for name in archive.namelist() if ".dist-info/" in name}
        entry = next(name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt"))
        commands = archive.read(entry).decode()
    wanted = expected()
    problems = [f"missing in the wheel: {name}" for name in sorted(wanted - packed)]
    problems += [f"does not belong into the wheel: {name}" for name in sorted(packed - wanted)]
    problems += [f"missing beside the metadata: {name}" for name in sorted({"LICENSE"} - described)]
    if "revloop = cli:main" not in commands:
        problems.append("the command `revloop` does not call cli:main")
    print(*problems or [f"{Path(wheel).name}: {len(packed)} files, as in the checkout"], sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
