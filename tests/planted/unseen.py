"""Planted bugs that do harm and break no promise that is looked at yet. One that is seen moves to `table.py`.

Each witness shows the harm to whoever replays it.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.planted import goods, keys, money, records, telling
from tests.planted.shop import Planted
from tests.planted.table import Plant

UNSEEN: Mapping[str, Plant] = {
    "stock goes first": Plant(
        "the stock is released before the payment is cancelled",
        "E4",
        Planted(payment=money.StockGoesFirst),
        "three_cards_declined calm",
    ),
    "captures before the stock is sure": Plant(
        "the money is taken before the stock is committed",
        "E8, E28",
        Planted(payment=money.CapturesBeforeTheStockIsSure),
        "paid calm",
    ),
    "old decline is this one's": Plant(
        "a second card is turned down by the first one's decline",
        "stale last_payment_error",
        Planted(payment=money.OldDeclineIsThisOnes),
        "declined_then_another_card calm",
    ),
    "old decline settles a doubt": Plant(
        "after silence an old decline is taken for this try's",
        "stale last_payment_error",
        Planted(payment=money.OldDeclineSettlesADoubt),
        "declined_then_another_card 13:slow",
    ),
    "one key": Plant("all calls of an order have one key", "E5", Planted(ports=keys.one_key), "paid calm"),
    "one key per kind of call": Plant(
        "the key of a confirmation does not say which try it is",
        "E5",
        Planted(ports=keys.one_key_per_kind_of_call),
        "declined_then_another_card calm",
    ),
    "one key per step": Plant(
        "a step that was seen undone is asked again under its old key",
        "E5",
        Planted(ports=keys.one_key_per_step),
        "paid_at_once 4:error_500_stored",
    ),
    "ships unread": Plant(
        "the payment is not read before shipping",
        "I2",
        Planted(goods=goods.ShipsUnread),
        "refunded_in_the_dashboard calm",
    ),
    "a label is a shipment": Plant(
        "a parcel that is only booked is taken for shipped",
        "E21",
        Planted(ports=goods.a_label_is_a_shipment),
        "cancelled calm",
    ),
    "leaves the parcel": Plant(
        "an order is cancelled and its parcel not called off",
        "I12",
        Planted(goods=goods.LeavesTheParcel),
        "cancelled calm",
    ),
    "mails first": Plant(
        "the mail is sent before the change is stored",
        "E30",
        Planted(ports=records.mails_first),
        "out_of_stock 3:answer_lost",
    ),
    "mails apart": Plant(
        "the mail is sent after the change is stored, and noted nowhere",
        "B11",
        Planted(ports=records.mails_apart),
        "out_of_stock 3:answer_lost",
    ),
    "waits for hours": Plant(
        "an unknown outcome is looked at again only hours later",
        "I28",
        Planted(book=records.WaitsForHours),
        "out_of_stock 2:outage/1200",
    ),
    "loses events that fail": Plant(
        "a business event that could not be published is marked delivered",
        "B4",
        Planted(outbox=telling.LosesEventsThatFail),
        "out_of_stock 5:refused",
    ),
}
