"""The fault map shows what the search found, one universe a row, and says it in its title."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pytest

from simulations.checkout.figures.fault_map import FAMILIES, counts, family_of, fault_map, map_of
from simulations.checkout.figures.timeline import timeline
from simulations.checkout.naive import naive_checkout
from simulations.checkout.testbed import CHECKOUT, CheckoutTestbed
from simulations.drawing.picture import Picture
from simulations.search.breach import Breach, in_words
from simulations.search.replay import replay
from simulations.search.search import run, search


@pytest.fixture(scope="module")
def naive() -> pd.DataFrame:
    return map_of("paid", CheckoutTestbed(naive_checkout))


@pytest.fixture(scope="module")
def ours() -> pd.DataFrame:
    return map_of("paid")


def test_a_row_is_a_universe_of_the_search(naive: pd.DataFrame) -> None:
    tally = search(CheckoutTestbed(naive_checkout), ["paid"], depth=1, workers=1)

    assert len(naive) == tally.universes - 1  # all but the calm one
    broken = naive[naive["family"] != "kept"]
    assert sorted(broken["breach"]) == sorted(in_words(ending.breaches) for ending in tally.broken)
    assert list(naive.drop_duplicates("call")["method"]) == [
        site.method for site in run(CheckoutTestbed(naive_checkout), "paid").sites
    ]


def test_most_faults_break_the_naive_checkout_and_none_breaks_ours(naive: pd.DataFrame, ours: pd.DataFrame) -> None:
    counted = counts({"naive": naive, "ours": ours})

    assert (counted[list(FAMILIES)].sum(axis=1) == counted["of"]).all()
    assert list(counted["of"]) == [len(naive), len(ours)]
    assert list(counted["kept"]) == [(naive["family"] == "kept").sum(), len(ours)]
    assert 2 * (naive["family"] != "kept").sum() > len(naive)
    assert set(naive["family"]) == set(FAMILIES)


@pytest.mark.parametrize(
    ("promises", "family"),
    [
        ((), "kept"),
        (("I14", "I11"), "goods"),
        (("I12", "I1"), "money"),
        (("I3b",), "money"),
        (("I16",), "state"),
        (("",), "state"),
    ],
)
def test_the_worst_that_was_broken_names_the_family(promises: Sequence[str], family: str) -> None:
    assert family_of(Breach(promise, "ord_1", "I1 is a number in a detail") for promise in promises) == family


def test_the_title_says_the_numbers(naive: pd.DataFrame, ours: pd.DataFrame) -> None:
    picture = fault_map({"the naive checkout": naive, "ours": ours})
    broken = (naive["family"] != "kept").sum()

    title = picture.figure.texts[0].get_text()

    assert title.endswith(
        f"of the naive checkout in {broken} of {len(naive)} universes, of ours in none of {len(ours)}"
    )
    assert is_png(picture)


def test_a_map_of_one_checkout_names_only_what_it_shows(ours: pd.DataFrame) -> None:
    words = [text.get_text() for text in fault_map({"ours": ours}).figure.texts]

    assert FAMILIES["kept"][2] in words
    assert FAMILIES["money"][2] not in words


def test_a_timeline_ends_where_the_order_does() -> None:
    naive = replay(CheckoutTestbed(naive_checkout), "paid 6:answer_lost")

    picture = timeline({"naive": naive, "ours": replay(CHECKOUT, "paid 7:answer_lost")})

    titles = [axes.get_title(loc="left") for axes in picture.figure.axes]
    title = "Answer lost at confirm_payment: naive breaks promises, ours keeps all promises"
    assert titles == ["naive: cancelled, 36.22 usd taken", "ours: shipped, 36.22 usd taken"]
    assert picture.figure.get_suptitle() == title
    assert is_png(picture)


def test_a_calm_timeline_speaks_of_no_fault() -> None:
    assert timeline({"ours": replay(CHECKOUT, "paid calm")}).figure.get_suptitle() == "Ours keeps all promises"


def is_png(picture: Picture) -> bool:
    return picture._repr_png_().startswith(b"\x89PNG")
