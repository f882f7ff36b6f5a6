"""Every planted bug: what it is, and which defect of the audit it stands for. What kills it is in `witness.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tests.planted import goods, keys, money, records, refunds, telling
from tests.planted.shop import Planted


class Plant(NamedTuple):
    """A planted bug.

    Attributes:
        what: what it does wrong, in one sentence.
        defect: the audit's number, or the rule that it breaks.
        factory: our checkout with the bug in it.
    """

    what: str
    defect: str
    factory: Planted


PLANTS: Mapping[str, Plant] = {
    "silence is a decline": Plant(
        "a time-out at the confirmation fails the order", "E4", Planted(payment=money.SilenceIsADecline)
    ),
    "another payment to be safe": Plant(
        "after silence a second payment is made and confirmed", "E5", Planted(collection=money.AnotherPaymentToBeSafe)
    ),
    "confirms what is not stored": Plant(
        "the card is charged before the payment's id is stored",
        "E18, E19",
        Planted(collection=money.ConfirmsWhatIsNotStored),
    ),
    "doubt is not noted": Plant(
        "a lost answer to the creation is asked for again, and not stored",
        "write before the effect",
        Planted(collection=money.DoubtIsNotNoted),
    ),
    "forgets a doubtful payment": Plant(
        "an order that is given up before its payment's id is stored is thought to have none",
        "I15",
        Planted(payment=money.ForgetsADoubtfulPayment),
    ),
    "refused cancel is a cancel": Plant(
        "the order fails though the cancellation was refused, because the payment had succeeded",
        "section 4",
        Planted(payment=money.RefusedCancelIsACancel),
    ),
    "silent cancel is a cancel": Plant(
        "no answer to the cancellation is taken for a yes", "section 4", Planted(payment=money.SilentCancelIsACancel)
    ),
    "refused capture is the end": Plant(
        "a refused capture fails the order, and the payment is not read",
        "section 4",
        Planted(payment=money.RefusedCaptureIsTheEnd),
    ),
    "authorised is paid": Plant(
        "`requires_capture` is taken for paid, and shipped",
        "E29",
        Planted(payment=money.AuthorisedIsPaid, goods=goods.ShipsUnread),
    ),
    "processing is paid": Plant(
        "`processing` is taken for paid, and shipped",
        "E29",
        Planted(payment=money.ProcessingIsPaid, goods=goods.ShipsUnread),
    ),
    "capture will have worked": Plant(
        "no answer to the capture is taken for a yes, and shipped",
        "E29",
        Planted(payment=money.CaptureWillHaveWorked, goods=goods.ShipsUncaptured),
    ),
    "ships before the capture": Plant(
        "the parcel is booked before the money is taken", "E28", Planted(payment=money.ShipsBeforeTheCapture)
    ),
    "no deadline": Plant("an unpaid order is never given up", "E1", Planted(context=money.NoDeadline)),
    "busy is a refusal": Plant(
        "a 409 of a running call is taken for a no", "section 4", Planted(ports=money.busy_is_a_refusal)
    ),
    "counted keys": Plant(
        "keys are counted in the process, and begin again after a crash", "E5", Planted(ports=keys.counted_keys)
    ),
    "never renews": Plant(
        "the hold is not renewed while the payment is open", "E8", Planted(context=goods.NeverRenews)
    ),
    "never commits": Plant("the hold is never committed", "E20", Planted(context=goods.NeverCommits)),
    "commit will have worked": Plant(
        "goods are shipped though their hold had expired", "E8", Planted(context=goods.CommitWillHaveWorked)
    ),
    "releases another id": Plant(
        "the hold is released under another id than it was made", "E10", Planted(context=goods.ReleasesAnotherId)
    ),
    "releases once at best": Plant(
        "a release that did not work is not made again", "E23", Planted(context=goods.ReleasesOnceAtBest)
    ),
    "shipped before the stock is gone": Plant(
        "*shipped* is stored before the goods are taken off the shelf",
        "status before the effect",
        Planted(goods=goods.ShippedBeforeTheStockIsGone),
    ),
    "carrier's trouble cancels": Plant(
        "trouble with the carrier cancels a paid order, and nothing is refunded",
        "E2",
        Planted(goods=goods.CarriersTroubleCancels),
    ),
    "a new parcel each try": Plant(
        "after silence another parcel is booked, under another id", "E31", Planted(ports=goods.a_new_parcel_each_try)
    ),
    "refunds before it calls off": Plant(
        "the money goes back before the parcel is called off", "I2", Planted(goods=goods.RefundsBeforeItCallsOff)
    ),
    "leaves strays": Plant("payments left over are not cancelled", "I15", Planted(goods=goods.LeavesOrphans)),
    "looks for strays too soon": Plant(
        "payments left over are looked for while search is behind", "I15", Planted(goods=goods.LooksForOrphansTooSoon)
    ),
    "stray cancel will have worked": Plant(
        "a payment left over is not read after its cancellation",
        "section 4",
        Planted(orphans=goods.OrphanCancelWillHaveWorked),
    ),
    "no answer means no strays": Plant(
        "where search does not answer, nothing is thought to be left over",
        "section 4",
        Planted(orphans=goods.NoAnswerMeansNoOrphans),
    ),
    "refunds again to be safe": Plant(
        "after silence the refund is made again under another key",
        "section 4",
        Planted(refunds=refunds.RefundsAgainToBeSafe),
    ),
    "refund will have worked": Plant(
        "no answer to the refund is taken for a yes", "section 4", Planted(refunds=refunds.RefundWillHaveWorked)
    ),
    "last writer wins": Plant("a late writer undoes a newer state", "E27", Planted(ports=records.last_writer_wins)),
    "compares the status": Plant(
        "a late writer undoes a newer state, where the status is still the same",
        "E27",
        Planted(ports=records.compares_the_status),
    ),
    "no lease": Plant(
        "nobody comes back to an order that a crash left half-way", "E22", Planted(orders=records.NoLease)
    ),
    "waits without a timer": Plant(
        "an order that waits in vain is not looked at again", "E22", Planted(orders=records.WaitsWithoutATimer)
    ),
    "locks without a lease": Plant(
        "a crash of the janitor locks its order for ever", "E22", Planted(timers=records.LocksWithoutALease)
    ),
    "marks before it carries": Plant(
        "a message is marked delivered before it is", "B7", Planted(outbox=telling.MarksBeforeItCarries)
    ),
    "marks though it failed": Plant(
        "a message that could not be delivered is marked so", "B4", Planted(outbox=telling.MarksThoughItFailed)
    ),
    "gives up a message": Plant(
        "a message is given up when it fails for the second time", "B4", Planted(outbox=telling.GivesUpAMessage)
    ),
    "handled though it failed": Plant(
        "a handler that fails is not called again", "B4", Planted(bus=telling.BusThatDropsFailures)
    ),
    "handled though it failed twice": Plant(
        "a handler that fails twice is not called again", "B4", Planted(bus=telling.BusThatTriesTwice)
    ),
    "effect apart": Plant(
        "what a handler writes is stored before that it was called", "B2, B5", Planted(bus=telling.BusWithEffectsApart)
    ),
    "gives up at the first trouble": Plant(
        "the worker leaves a task alone once its port was in trouble",
        "X1",
        Planted(worker=telling.GivesUpAtTheFirstTrouble),
    ),
    "stock goes first": Plant(
        "the stock is released before the payment is cancelled", "E4", Planted(payment=money.StockGoesFirst)
    ),
    "captures before the stock is sure": Plant(
        "the money is taken before the stock is committed",
        "E8, E28",
        Planted(payment=money.CapturesBeforeTheStockIsSure),
    ),
    "old decline is this one's": Plant(
        "a second card is turned down by the first one's decline",
        "stale last_payment_error",
        Planted(payment=money.OldDeclineIsThisOnes),
    ),
    "old decline settles a doubt": Plant(
        "after silence an old decline is taken for this try's",
        "stale last_payment_error",
        Planted(collection=money.OldDeclineSettlesADoubt),
    ),
    "one key": Plant("all calls of an order have one key", "E5", Planted(ports=keys.one_key)),
    "one key per kind of call": Plant(
        "the key of a confirmation does not say which try it is", "E5", Planted(ports=keys.one_key_per_kind_of_call)
    ),
    "one key per step": Plant(
        "a step that was seen undone is asked again under its old key", "E5", Planted(ports=keys.one_key_per_step)
    ),
    "ships unread": Plant("the payment is not read before shipping", "I2", Planted(goods=goods.ShipsUnread)),
    "a label is a shipment": Plant(
        "a parcel that is only booked is taken for shipped", "E21", Planted(ports=goods.a_label_is_a_shipment)
    ),
    "leaves the parcel": Plant(
        "an order is cancelled and its parcel not called off", "I12", Planted(goods=goods.LeavesTheParcel)
    ),
    "mails first": Plant("the mail is sent before the change is stored", "E30", Planted(ports=records.mails_first)),
    "mails apart": Plant(
        "the mail is sent after the change is stored, and noted nowhere", "B11", Planted(ports=records.mails_apart)
    ),
    "waits for hours": Plant(
        "an unknown outcome is looked at again only hours later", "I28", Planted(orders=records.WaitsForHours)
    ),
    "drops the refund": Plant(
        "a refund that was promised and twice could not be made is forgotten",
        "I16",
        Planted(orders=records.DropsTheRefund),
    ),
    "drops the cancel": Plant(
        "an order that waits in vain for the second time forgets that it was to be cancelled",
        "I16",
        Planted(orders=records.DropsTheCancel),
    ),
    "refunds next month": Plant(
        "a shipped order's refund that could not be made is tried again only a month later",
        "I28",
        Planted(orders=records.RefundsNextMonth),
    ),
    "others are not seen": Plant(
        "nobody looks at what others do with the money of a sold order",
        "I15",
        Planted(refunds=refunds.OthersAreNotSeen),
    ),
    "tells of statuses alone": Plant(
        "the business hears nothing of declines, refunds, disputes and reviews",
        "I24",
        Planted(ports=telling.announces_statuses_alone),
    ),
    "tells it twice": Plant(
        "the business hears twice of declines, refunds, disputes and reviews",
        "I24",
        Planted(ports=telling.announces_it_twice),
    ),
    "loses events that fail": Plant(
        "a business event is marked delivered before its handlers have it",
        "B4",
        Planted(outbox=telling.LosesEvents),
    ),
    "off the shelf first": Plant(
        "goods are taken off the shelf before the carrier is there",
        "E21",
        Planted(goods=goods.TakesThemOffTheShelfFirst),
    ),
    "refund failure is not seen": Plant(
        "nobody looks at a refund once it has succeeded", "I15", Planted(refunds=refunds.RefundFailureIsNotSeen)
    ),
    "rounds up": Plant("whole dollars are asked for", "E14", Planted(ports=money.rounds_up)),
    "an order for each press": Plant(
        "the button pressed once more makes another order", "E6", Planted(ports=records.an_order_for_each_press)
    ),
    "says nothing of an end": Plant(
        "a cancelled order's customer gets no mail", "I27", Planted(ports=records.cancels_in_silence)
    ),
}
