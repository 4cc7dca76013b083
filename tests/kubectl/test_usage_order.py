"""What kubectl 1.37.1 says of wrong usage before it asks a server."""

import pytest

from tests.kubectl.test_jobs import Player

NOTHING_CHOSEN = "error: You must provide one or more resources by argument or filename."


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("kubectl label pod a x=y=z", "error: invalid label spec: x=y=z"),
        ("kubectl set selector", "error: one selector is required"),
        ("kubectl set subject", NOTHING_CHOSEN),
    ],
)
def test_wrong_usage_is_refused_in_the_words_of_kubectl(line, said):
    assert said == Player().type(line)[0].splitlines()[0]
