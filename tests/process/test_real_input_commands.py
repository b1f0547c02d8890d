"""A part of the real input by the commands a person types: sandboxes, CSV files, a project, check, sync, sync again."""

import b2b
import pytest
from crm_pair import rows_of
from desk import desk, project, spawn

DEALS = 400


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The pipeline as Salesforce CSV files, with the first of its deals only."""
    shared = b2b.shared_folder()
    if not shared.is_dir():
        pytest.skip(f"the public B2B pipeline is not there: put it into {shared} or set REVLOOP_SHARED")
    source = tmp_path_factory.mktemp("part")
    for name in b2b.FILES:
        lines = (shared / f"{name}.csv").read_text(encoding="utf-8-sig").splitlines(keepends=True)
        kept = lines[: 1 + DEALS] if name == "sales_pipeline" else lines
        (source / f"{name}.csv").write_text("".join(kept), encoding="utf-8")
    target = tmp_path_factory.mktemp("files")
    b2b.convert(source, target)
    return target


def test_the_real_input_by_hand(files, tmp_path):
    with desk() as at:
        ports = [f"--{side}-port={getattr(at, side).rpartition(':')[2]}" for side in ("hubspot", "salesforce")]
        loaded = spawn(files, "sandbox", "load", str(files), *ports, "--json")
        assert loaded.code == 0, loaded.err
        users = rows_of(files / "salesforce" / "User.csv")
        at.order("hubspot", "owners", {"owners": [{"email": each["Email"]} for each in users], "replace": True})
        folder = project(tmp_path / "p", at)
        checked = spawn(folder, "check")
        assert checked.code == 0, checked.out + checked.err
        first, second = spawn(folder, "sync", "--json"), spawn(folder, "sync", "--json", "--full")
        assert (first.code, second.code) == (0, 0), first.err + second.err
        counts = {name: len(rows_of(files / "salesforce" / f"{name}.csv")) for name in ("Account", "Contact")}
        assert first.data["plan"]["create"] == {"hubspot": sum(counts.values()) + DEALS, "salesforce": 0}
        assert second.data["writes"] == {"hubspot": 0, "salesforce": 0}
        deals = at.order("hubspot", "records?object=deals", method="GET")
        expected = {row["Name"] for row in rows_of(files / "salesforce" / "Opportunity.csv")}
        assert sorted(row["properties"]["dealname"] for row in deals.values()) == sorted(expected)
