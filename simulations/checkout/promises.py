"""What a shop promises, by the numbers with which checkers name what is broken. How each is checked is in the checkers.

Most are looked at when all is calm again; I2 to I4, I9, I10 and I12 also after every call that may move money or goods.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

PROMISES: Mapping[str, str] = {
    "I1": "Stripe holds exactly what the fulfilled orders cost; of any other order's money nothing is kept.",
    "I2": "A carrier is sent only for an order whose money is there.",
    "I3": "An order is charged once at most; an idempotency key stands for one call.",
    "I3b": "What a customer buys once is charged once, whatever orders were made of it.",
    "I4": "A payment gives back no more than it took.",
    "I5": "A payment asks for what its order costs, in the order's currency.",
    "I9": "What is set aside ends once: shipped, run out, or put back when no payment can take money for it.",
    "I10": "There are never fewer than no goods, and none appear or vanish.",
    "I11": "An order that is over, and was not fulfilled, sets no goods aside.",
    "I12": "Money is taken when the goods are sure; what is shipped is on its way, as bought, and nothing else is.",
    "I13": "An order moves only as the table of statuses allows, and its log says how.",
    "I14": "No order is left half-way without a review; none is left to a person because of faults alone.",
    "I15": "The order's books say what Stripe's say, and no payment of it is left open or unknown.",
    "I16": "What a customer was answered was true, and stays true; a wish that was taken is not forgotten.",
    "I24": "Every business event goes out, and has its effect once.",
    "I27": "There is a mail for each thing that is worth one, to whoever bought, and no other.",
    "I28": "An order rests half-way, or waits for its refund, for ten minutes after trouble, beside what others take.",
}
"""Every promise, by its number."""


def promises() -> pd.DataFrame:
    """One row a promise, by its number."""
    import pandas as pd

    return pd.DataFrame({"promise": PROMISES}).rename_axis("number")
