"""Every planted bug: what it is, which defect of the audit it stands for, and the universe that kills it."""

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
        witness: story and plan of a universe in which it breaks a promise; found by `hunt.py`.
        depth: how many faults that needs; with fewer of them its story keeps all promises.
    """

    what: str
    defect: str
    factory: Planted
    witness: str = ""

    @property
    def depth(self) -> int:
        plan = self.witness.partition(" ")[2]
        return 0 if plan == "calm" else plan.count("+") + 1


PLANTS: Mapping[str, Plant] = {
    "silence is a decline": Plant(
        "a time-out at the confirmation fails the order",
        "E4",
        Planted(payment=money.SilenceIsADecline),
        "paid_at_once 7:reset",
    ),
    "another payment to be safe": Plant(
        "after silence a second payment is made and confirmed",
        "E5",
        Planted(payment=money.AnotherPaymentToBeSafe),
        "paid_at_once 7:slow",
    ),
    "confirms what is not stored": Plant(
        "the card is charged before the payment's id is stored",
        "E18, E19",
        Planted(payment=money.ConfirmsWhatIsNotStored),
        "paid_at_once 5:crash_after+10:outage/4000",
    ),
    "doubt is not noted": Plant(
        "a lost answer to the creation is asked for again, and not stored",
        "write before the effect",
        Planted(payment=money.DoubtIsNotNoted),
        "paid 4:error_500_done",
    ),
    "forgets a doubtful payment": Plant(
        "an order that is given up before its payment's id is stored is thought to have none",
        "I15",
        Planted(payment=money.ForgetsADoubtfulPayment),
        "cancelled 4:crash_after",
    ),
    "refused cancel is a cancel": Plant(
        "the order fails though the cancellation was refused, because the payment had succeeded",
        "section 4",
        Planted(payment=money.RefusedCancelIsACancel),
        "cancelled 13:request_lost",
    ),
    "silent cancel is a cancel": Plant(
        "no answer to the cancellation is taken for a yes",
        "section 4",
        Planted(payment=money.SilentCancelIsACancel),
        "three_cards_declined 22:slow",
    ),
    "refused capture is the end": Plant(
        "a refused capture fails the order, and the payment is not read",
        "section 4",
        Planted(payment=money.RefusedCaptureIsTheEnd),
        "paid 12:black_hole/90000",
    ),
    "authorised is paid": Plant(
        "`requires_capture` is taken for paid, and shipped",
        "E29",
        Planted(payment=money.AuthorisedIsPaid, goods=goods.ShipsUnread),
        "paid calm",
    ),
    "processing is paid": Plant(
        "`processing` is taken for paid, and shipped",
        "E29",
        Planted(payment=money.ProcessingIsPaid, goods=goods.ShipsUnread),
        "failing_bank_debit calm",
    ),
    "capture will have worked": Plant(
        "no answer to the capture is taken for a yes, and shipped",
        "E29",
        Planted(payment=money.CaptureWillHaveWorked, goods=goods.ShipsUncaptured),
        "paid 11:dead_letterbox/1200",
    ),
    "ships before the capture": Plant(
        "the parcel is booked before the money is taken",
        "E28",
        Planted(payment=money.ShipsBeforeTheCapture),
        "paid 10:outage/1200",
    ),
    "no deadline": Plant(
        "an unpaid order is never given up", "E1", Planted(keeper=money.NoDeadline), "left_at_the_bank calm"
    ),
    "busy is a refusal": Plant(
        "a 409 of a running call is taken for a no",
        "section 4",
        Planted(ports=money.busy_is_a_refusal),
        "cancelled 25:slow",
    ),
    "counted keys": Plant(
        "keys are counted in the process, and begin again after a crash",
        "E5",
        Planted(ports=keys.counted_keys),
        "refunded 5:conflict",
    ),
    "never renews": Plant(
        "the hold is not renewed while the payment is open", "E8", Planted(keeper=goods.NeverRenews), "bank_debit calm"
    ),
    "never commits": Plant("the hold is never committed", "E20", Planted(keeper=goods.NeverCommits), "paid calm"),
    "commit will have worked": Plant(
        "goods are shipped though their hold had expired",
        "E8",
        Planted(keeper=goods.CommitWillHaveWorked),
        "paid 10:outage/1200",
    ),
    "releases another id": Plant(
        "the hold is released under another id than it was made",
        "E10",
        Planted(keeper=goods.ReleasesAnotherId),
        "three_cards_declined calm",
    ),
    "releases once at best": Plant(
        "a release that did not work is not made again",
        "E23",
        Planted(keeper=goods.ReleasesOnceAtBest),
        "cancelled 32:dead_letterbox/1200",
    ),
    "shipped before the stock is gone": Plant(
        "*shipped* is stored before the goods are taken off the shelf",
        "status before the effect",
        Planted(goods=goods.ShippedBeforeTheStockIsGone),
        "paid 18:outage/4000",
    ),
    "carrier's trouble cancels": Plant(
        "trouble with the carrier cancels a paid order, and nothing is refunded",
        "E2",
        Planted(goods=goods.CarriersTroubleCancels),
        "paid 16:dead_letterbox/1200",
    ),
    "a new parcel each try": Plant(
        "after silence another parcel is booked, under another id",
        "E31",
        Planted(ports=goods.a_new_parcel_each_try),
        "paid 16:request_lost",
    ),
    "refunds before it calls off": Plant(
        "the money goes back before the parcel is called off",
        "I2",
        Planted(goods=goods.RefundsBeforeItCallsOff),
        "disputed 17:outage/1200",
    ),
    "leaves strays": Plant(
        "payments left over are not cancelled", "I15", Planted(goods=goods.LeavesStrays), "paid 4:key_in_use"
    ),
    "looks for strays too soon": Plant(
        "payments left over are looked for while search is behind",
        "I15",
        Planted(goods=goods.LooksForStraysTooSoon),
        "cancelled_at_the_bank 4:error_500_done",
    ),
    "stray cancel will have worked": Plant(
        "a payment left over is not read after its cancellation",
        "section 4",
        Planted(goods=goods.StrayCancelWillHaveWorked),
        "paid 4:error_500_done+39:error_500_stored",
    ),
    "no answer means no strays": Plant(
        "where search does not answer, nothing is thought to be left over",
        "section 4",
        Planted(goods=goods.NoAnswerMeansNoStrays),
        "paid 4:black_hole/90000",
    ),
    "refunds again to be safe": Plant(
        "after silence the refund is made again under another key",
        "section 4",
        Planted(giving_back=refunds.RefundsAgainToBeSafe),
        "cancelled 25:answer_lost",
    ),
    "refund will have worked": Plant(
        "no answer to the refund is taken for a yes",
        "section 4",
        Planted(giving_back=refunds.RefundWillHaveWorked),
        "cancelled 25:dead_letterbox/1200",
    ),
    "last writer wins": Plant(
        "a late writer undoes a newer state", "E27", Planted(ports=records.last_writer_wins), "paid 5:answer_lost"
    ),
    "no lease": Plant(
        "nobody comes back to an order that a crash left half-way",
        "E22",
        Planted(book=records.NoLease),
        "paid 5:crash_before",
    ),
    "waits without a timer": Plant(
        "an order that waits in vain is not looked at again",
        "E22",
        Planted(book=records.WaitsWithoutATimer),
        "paid 2:outage/1200",
    ),
    "locks without a lease": Plant(
        "a crash of the janitor locks its order for ever",
        "E22",
        Planted(janitor=records.LocksWithoutALease),
        "paid 1:crash_after+6:crash_after",
    ),
    "marks before it carries": Plant(
        "a message is marked delivered before it is",
        "B7",
        Planted(outbox=telling.MarksBeforeItCarries),
        "paid 26:refused",
    ),
    "marks though it failed": Plant(
        "a message that could not be delivered is marked so",
        "B4",
        Planted(outbox=telling.MarksThoughItFailed),
        "paid 25:refused",
    ),
    "gives up a message": Plant(
        "a message is given up when it fails for the second time",
        "B4",
        Planted(outbox=telling.GivesUpAMessage),
        "paid 25:refused+32:refused",
    ),
    "handled though it failed": Plant(
        "a handler that fails is not called again",
        "B4",
        Planted(bus=telling.BusThatDropsFailures),
        "told_by_webhook 61:refused",
    ),
    "effect apart": Plant(
        "what a handler writes is stored before that it was called",
        "B2, B5",
        Planted(bus=telling.BusWithEffectsApart),
        "told_by_webhook 63:answer_lost",
    ),
    "gives up at the first trouble": Plant(
        "the worker leaves a chore alone once its port was in trouble",
        "X1",
        Planted(worker=telling.GivesUpAtTheFirstTrouble),
        "paid 20:answer_lost",
    ),
}
