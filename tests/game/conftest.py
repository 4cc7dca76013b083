"""What several files of these tests begin with."""

import pytest

from tests.game.builders import small


@pytest.fixture(scope="module")
def level(tmp_path_factory):
    """The folder of a level of one Deployment."""
    return small(tmp_path_factory.mktemp("level"))
