"""The oracles give what other packages give: both judges of our numbers agree with each other."""

import pytest

from tests.peers.by_oracle import evaluate
from tests.peers.rows import MISSING, data_is_here, rows

pytestmark = pytest.mark.skipif(not data_is_here(), reason=MISSING)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.id)
def test_the_oracle_gives_what_the_peer_gives(row):
    value = evaluate(row)
    if row.relation == "equal":
        assert row.agrees(value), f"{value!r} is not {row.value!r}"
    else:
        assert not row.agrees(value), "equal after all: the reason in the table is out of date"
        assert value == pytest.approx(row.ours, rel=1e-9, abs=1e-12)
