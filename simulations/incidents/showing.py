"""An exhibit, shown: its story in the buggy variant and in ours, side by side. How it is played is each business's."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from payflows.money import Money

from simulations.incidents.exhibit import AnyExhibit
from simulations.search.breach import Breach, in_words

if TYPE_CHECKING:
    import pandas as pd


class Moment(NamedTuple):
    """Something that happened, and how things stood after it.

    Attributes:
        at: hours and minutes since the story began.
        what: what happened.
        standing: what each customer has: an order or a subscription, and its status.
        money: what Stripe holds for the shop, and what the shop has written down as refunded since, where it has.
    """

    at: str
    what: str
    standing: str
    money: str


class Telling(NamedTuple):
    """An exhibit's story in one shop.

    Attributes:
        moments: what happened.
        calls: the calls that changed how things stand.
        breaches: the promises that the shop broke; none where it kept them all.
        astray: money that Stripe holds and nothing that was sold accounts for, and what the books miscount of refunds.
    """

    moments: tuple[Moment, ...]
    calls: tuple[Moment, ...]
    breaches: tuple[Breach, ...]
    astray: Money

    def timeline(self) -> pd.DataFrame:
        """A row for each thing that happened: when, what, and how things and money stood after it."""
        import pandas as pd

        return pd.DataFrame(self.moments)

    def call_by_call(self) -> pd.DataFrame:
        """A row for each call that changed how things or money stand: the timeline, only finer."""
        import pandas as pd

        return pd.DataFrame(self.calls)


class Showing(NamedTuple):
    """An exhibit, shown.

    Attributes:
        exhibit: which.
        buggy: its story in the buggy shop.
        ours: the same story in ours.
    """

    exhibit: AnyExhibit
    buggy: Telling
    ours: Telling

    @property
    def breach(self) -> Breach | None:
        """The exhibit's promise as the buggy shop broke it; None where it did not."""
        number = self.exhibit.promise.number
        return next((breach for breach in self.buggy.breaches if breach.promise == number), None)

    def table(self) -> pd.DataFrame:
        """Both stories beside each other."""
        import pandas as pd

        both = zip(self.buggy.moments, self.ours.moments, strict=True)
        rows = (
            {
                "at": theirs.at,
                "what happens": theirs.what,
                "buggy shop": theirs.standing,
                "its money": theirs.money,
                "our shop": ours.standing,
                "our money": ours.money,
            }
            for theirs, ours in both
        )
        return pd.DataFrame(rows).set_index("at")

    def verdict(self) -> str:
        """Which promises were broken, in two lines."""
        ours = in_words(self.ours.breaches) or "every promise was kept"
        return f"buggy shop: {self.breach}\nour shop:   {ours}"

    def _repr_html_(self) -> str:
        return self.table().to_html() + "".join(f"<p>{escape(line)}</p>" for line in self.verdict().splitlines())

    def __repr__(self) -> str:
        return f"{self.table().reset_index().to_string(index=False)}\n\n{self.verdict()}"

    def __str__(self) -> str:
        exhibit = self.exhibit
        head = f"{exhibit.name} ({exhibit.thread})\n{exhibit.bug}\n{exhibit.liberties}"
        return f"{head}\n\n{self!r}"


def overview(showings: Iterable[Showing]) -> pd.DataFrame:
    """A row for each exhibit: the thread, the promise that breaks, and the money that went astray in both shops."""
    import pandas as pd

    rows = (
        {
            "exhibit": showing.exhibit.name,
            "thread": str(showing.exhibit.thread),
            "breaks": showing.exhibit.promise.number,
            "astray in the buggy shop": str(showing.buggy.astray),
            "in ours": str(showing.ours.astray),
            "ours kept": "every promise" if not showing.ours.breaches else in_words(showing.ours.breaches),
        }
        for showing in showings
    )
    return pd.DataFrame(rows).set_index("exhibit")
