"""Archives: what is packed comes out again, Python's own tarfile reads them, and tar in a container makes them."""

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.world.tar import Member, TarError, pack, unpack

PARTS = st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=1, max_size=20)
LONG_PARTS = st.integers(90, 255).map("n".__mul__)
NAMES = st.lists(PARTS | LONG_PARTS, min_size=1, max_size=6).map("/".join)
MEMBERS = st.lists(
    st.builds(Member, NAMES, st.none() | st.text(st.characters(codec="latin-1"), max_size=1500)), max_size=5
)


@given(MEMBERS)
def test_what_is_packed_comes_out_again(members):
    assert unpack(pack(members)) == members


@given(MEMBERS)
def test_another_tar_reads_it(members):
    with tarfile.open(fileobj=io.BytesIO(pack(members).encode("latin-1"))) as archive:
        found = [(m.name, None if m.isdir() else archive.extractfile(m).read().decode("latin-1")) for m in archive]
    assert found == [(m.name, m.text) for m in members]


def with_size(octal):
    whole = pack([Member("a", "b" * 600)])
    return f"{whole[:124]}{octal:\0<12}{whole[136:]}"


@pytest.mark.parametrize(
    "text",
    ["nonsense", "x" * 2000, pack([Member("a", "b" * 600)])[:900], with_size("zz"), with_size("-2000"), with_size("9")],
)
def test_what_is_no_archive_is_told(text):
    with pytest.raises(TarError):
        unpack(text)
