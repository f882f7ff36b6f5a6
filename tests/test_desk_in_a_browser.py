"""The desk in a browser: what a person sees, and that it follows the hand. `make browser` runs these."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from simulations.desk.fee_page import FeePage
from tests.chromium import Page, opened_page
from tests.served_desk import served_desk

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parents[1] / ".cache" / "desk"
DECISION = "document.querySelector('h2').innerText"
IN_ALL_WORLDS = f"{DECISION}.includes('of 300 plausible worlds')"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served_desk() as found:
        yield found


@pytest.fixture
def page(address: str, tmp_path: Path) -> Iterator[Page]:
    with opened_page(tmp_path) as opened:
        opened.open(address)
        opened.wait_for(f"document.querySelector('h2') && {IN_ALL_WORLDS}")
        yield opened


def focus(page: Page, description: str, kind: str, place: int) -> None:
    """Put the focus on a control: of those with this description, the n-th."""
    page.evaluate(
        f"""[...document.querySelectorAll('.widget-label')].filter(each => each.innerText == '{description}')
        [{place}].parentElement.querySelector('{kind}').focus()"""
    )


def test_the_first_line_is_the_decision(page: Page) -> None:
    page.save_screenshot(PICTURES / "dunning.png")

    decision = page.evaluate(DECISION)
    assert decision.startswith("B recovers 7.7 points [+4.7, +11.2] more than A")
    assert "wins in 100 % of 300 plausible worlds" in decision
    assert "def " not in page.text()


def test_the_sentence_follows_a_slider_and_all_worlds_come_when_it_rests(page: Page) -> None:
    before = page.evaluate(DECISION)

    focus(page, "retries", ".noUi-handle", 1)
    page.press("ArrowLeft")
    seconds = page.wait_for(f"{DECISION} != {before!r}")
    page.wait_for(f"{DECISION} != {before!r} && {IN_ALL_WORLDS}")

    print(f"the sentence followed after {1_000 * seconds:.0f} ms")
    page.save_screenshot(PICTURES / "ten_retries.png")


def test_what_cannot_be_is_said(page: Page) -> None:
    focus(page, "retries on days", "input", 0)
    page.write(", soon")
    page.press("Enter")

    page.wait_for(f"{DECISION}.includes('A: days are whole numbers with commas between them')")
    page.save_screenshot(PICTURES / "mistaken.png")


def test_the_second_page_is_about_fees(page: Page) -> None:
    page.click("[...document.querySelectorAll('.lm-TabBar-tab')][1]")
    page.wait_for("document.body.innerText.includes('Take B: over 12 quarters')")
    page.wait_for("document.body.innerText.includes('Best flat fee where 0.4 % leave')")
    page.save_screenshot(PICTURES / "fees.png")

    focus(page, "exit hazard, %", ".noUi-handle", 0)
    for _ in range(16):
        page.press("ArrowRight")
    page.wait_for(f"document.body.innerText.includes({at_high_hazard()!r})")
    page.wait_for("document.body.innerText.includes('Best flat fee where 2.0 % leave')")
    page.save_screenshot(PICTURES / "fees_at_high_hazard.png")


def at_high_hazard() -> str:
    """Return what the same page answers without a browser."""
    fees = FeePage()
    fees.hazard.value = 2.0
    assert fees.found is not None
    return fees.found.decision
