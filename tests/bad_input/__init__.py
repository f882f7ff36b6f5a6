"""The rows of the bad-input table, by entry. What must come of them is asserted in `tests/test_bad_input.py`."""

from tests.bad_input.bus import BUS
from tests.bad_input.checkout import CHECKOUT
from tests.bad_input.money import MONEY
from tests.bad_input.orders import OTHER_ORDERS
from tests.bad_input.rows import CARD, Bad
from tests.bad_input.settings import SETTINGS
from tests.bad_input.signatures_of_marketplace import METHODS as METHODS_OF_MARKETPLACE
from tests.bad_input.signatures_of_marketplace import SETTINGS_AND_PARTS as SETTINGS_AND_PARTS_OF_MARKETPLACE
from tests.bad_input.signatures_of_payflows import METHODS, SETTINGS_AND_PARTS
from tests.bad_input.signatures_of_simulations import METHODS as METHODS_OF_SIMULATIONS
from tests.bad_input.signatures_of_simulations import SETTINGS_AND_PARTS as SETTINGS_AND_PARTS_OF_SIMULATIONS
from tests.bad_input.signatures_of_subscriptions import METHODS as METHODS_OF_SUBSCRIPTIONS
from tests.bad_input.signatures_of_subscriptions import SETTINGS_AND_PARTS as SETTINGS_AND_PARTS_OF_SUBSCRIPTIONS
from tests.bad_input.simulated import SIMULATED

TABLE = [*MONEY, *CHECKOUT, *OTHER_ORDERS, *BUS, *SETTINGS, *SIMULATED]

SIGNATURES = [
    *(*SETTINGS_AND_PARTS, *METHODS),
    *(*SETTINGS_AND_PARTS_OF_SUBSCRIPTIONS, *METHODS_OF_SUBSCRIPTIONS),
    *(*SETTINGS_AND_PARTS_OF_MARKETPLACE, *METHODS_OF_MARKETPLACE),
    *(*SETTINGS_AND_PARTS_OF_SIMULATIONS, *METHODS_OF_SIMULATIONS),
]

__all__ = ["CARD", "CHECKOUT", "SIGNATURES", "TABLE", "Bad"]
