import pytest
from effect_stage import Stage, template_of


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A project and a store with two people, made once."""
    return template_of(tmp_path_factory.mktemp("template"))


@pytest.fixture
def stages(tmp_path, template):
    """Makes stages that know nothing of each other."""
    made = []

    def make():
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Stage(folder, template))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def stage(stages):
    return stages()
