"""The small seed that tests alter: complete, small, and as odd as the record."""

from pathlib import Path

from app.publish import check_seed
from tests import small_seed
from tests.conftest import SEED


def test_it_has_every_oddity_of_the_record_in_a_third_of_its_rows(small: Path) -> None:
    whole, cut = small_seed.read(SEED), small_seed.read(small / "seed")
    odd = [
        {one for stem, rows in tables.items() for row in rows for one in small_seed.oddities(stem, row)}
        for tables in (whole, cut)
    ]
    assert odd[0] == odd[1]
    assert sum(map(len, cut.values())) < sum(map(len, whole.values())) / 3
    assert all(row in whole[stem] for stem in ("vessels", "listings", "names") for row in cut[stem])


def test_it_is_a_seed_without_a_fault(small: Path) -> None:
    counts = check_seed(small / "seed")
    assert counts["vessels"] >= len(small_seed.NAMED["vessels"])
