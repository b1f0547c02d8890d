"""A project as `revloop init` makes it, and the ways to change a line of it."""

import pytest

from connector.errors import SettingsError
from connector.project import init, load


class Folder:
    """A project folder; `change` replaces a text that stands in a file exactly once."""

    def __init__(self, path):
        self.path = path

    def text(self, name):
        return (self.path / name).read_text(encoding="utf-8")

    def write(self, name, text):
        (self.path / name).write_text(text, encoding="utf-8")

    def change(self, name, before, after):
        text = self.text(name)
        assert text.count(before) == 1, (name, before, text.count(before))
        self.write(name, text.replace(before, after))

    def line(self, name, part):
        """`file:line` at which a text begins."""
        text = self.text(name)
        assert part in text, part
        return f"{name}:{text[: text.index(part)].count(chr(10)) + 1}"

    def setting(self, line):
        self.write("connector.yaml", f"{self.text('connector.yaml')}\n{line}\n")

    def remove(self, *names):
        for name in names:
            (self.path / name).unlink()

    def load(self):
        return load(self.path)

    def problems(self):
        with pytest.raises(SettingsError) as caught:
            load(self.path)
        return list(caught.value.problems)


@pytest.fixture
def made(tmp_path):
    init(tmp_path / "project")
    folder = Folder(tmp_path / "project")
    folder.change("connector.yaml", "YOUR-DOMAIN", "example")
    return folder
