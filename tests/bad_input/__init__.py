"""The rows of the bad-input table, by entry. What must come of them is asserted in `tests/test_bad_input.py`."""

from tests.bad_input.bus import BUS
from tests.bad_input.checkout import CHECKOUT
from tests.bad_input.money import MONEY
from tests.bad_input.orders import OTHER_ORDERS
from tests.bad_input.rows import CARD, Bad
from tests.bad_input.settings import SETTINGS
from tests.bad_input.simulated import SIMULATED

TABLE = [*MONEY, *CHECKOUT, *OTHER_ORDERS, *BUS, *SETTINGS, *SIMULATED]

__all__ = ["CARD", "CHECKOUT", "TABLE", "Bad"]
