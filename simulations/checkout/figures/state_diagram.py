"""Where the statuses of an order stand in their state diagram."""

from __future__ import annotations

from payflows.checkout.model import TRANSITIONS, OrderStatus

from simulations.drawing.picture import Picture
from simulations.drawing.state_diagram import BACK, ROAD, SOLD, UNSOLD, WAITS, Layout, draw

_S = OrderStatus

ORDER = Layout(
    title="An order's statuses, and the only ways between them",
    transitions=TRANSITIONS,
    places={  # the road to the door runs from left to right
        _S.PENDING: (0, 2),
        _S.INVENTORY_RESERVED: (1.5, 2),
        _S.PAYMENT_PROCESSING: (3, 2),
        _S.CUSTOMER_ACTION: (3, 3.4),
        _S.AUTHORISED: (4.5, 2),
        _S.PAID: (6, 2),
        _S.SHIPPED: (7.5, 2),
        _S.DELIVERED: (9, 2),
        _S.ABANDONING: (3, 0.5),
        _S.REFUNDING: (6.75, 0.5),
        _S.PAYMENT_FAILED: (3, -0.8),
        _S.CANCELLED: (5.2, -0.8),
    },
    bends={
        (_S.PENDING, _S.CANCELLED): 0.5,
        (_S.PAYMENT_PROCESSING, _S.PAID): 0.24,
        (_S.CUSTOMER_ACTION, _S.ABANDONING): 0.62,
        (_S.CUSTOMER_ACTION, _S.PAYMENT_PROCESSING): 0.22,
        (_S.PAYMENT_PROCESSING, _S.CUSTOMER_ACTION): 0.22,
    },
    colours={
        _S.CUSTOMER_ACTION: WAITS,
        _S.ABANDONING: BACK,
        _S.REFUNDING: BACK,
        _S.PAYMENT_FAILED: UNSOLD,
        _S.CANCELLED: UNSOLD,
        _S.SHIPPED: SOLD,
        _S.DELIVERED: SOLD,
    },
    key={
        "on the way": ROAD,
        "waits for the customer": WAITS,
        "being undone": BACK,
        "with the customer": SOLD,
        "ended unsold": UNSOLD,
    },
)


def state_diagram() -> Picture:
    """Every status of an order and every legal transition."""
    return draw(ORDER)
