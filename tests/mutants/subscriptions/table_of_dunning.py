"""Every mutant of dunning: what it is, and which defect of the audit, or which promise, it stands for."""

from __future__ import annotations

from collections.abc import Mapping

from payflows.subscriptions.dunning_steps import DunningEngine
from payflows.subscriptions.steps import Parts
from tests.mutants.mutant import Mutant
from tests.mutants.subscriptions import dunning
from tests.mutants.subscriptions.merchant import Variant


def _engine(kind: type[DunningEngine]) -> Variant:
    return Variant(parts=Parts(dunning=kind))


OF_DUNNING: Mapping[str, Mutant] = {
    "tries a card again after silence": Mutant(
        "no answer to an attempt is taken for no attempt",
        "S15",
        Variant(parts=Parts(invoices=dunning.TriesAgainAfterSilence)),
    ),
    "makes an attempt anew": Mutant(
        "an attempt that a crash has interrupted is made again", "S15", _engine(dunning.MadeAnewAfterACrash)
    ),
    "stores an attempt late": Mutant(
        "an attempt is stored after it was made", "I18", _engine(dunning.StoredOnceItWasMade)
    ),
    "silent attempt is paid": Mutant(
        "no answer to an attempt is taken for a yes", "S15", _engine(dunning.SilentAttemptIsPaid)
    ),
    "counts from each card": Mutant(
        "dunning begins anew with every card, and never ends", "S10", _engine(dunning.CountsFromEachCard)
    ),
    "retries a lost card": Mutant("a card that is lost is tried again", "S11", _engine(dunning.RetriesALostCard)),
    "attempts after a cancellation": Mutant(
        "who has cancelled is tried on", "S16", _engine(dunning.GoesOnAfterACancellation)
    ),
    "one success is enough": Mutant(
        "one invoice is paid, and the other one left open", "S17", _engine(dunning.OneSuccessIsEnough)
    ),
    "each notice begins another": Mutant(
        "a notice that comes again begins a second episode",
        "S7",
        Variant(parts=Parts(convergence=dunning.EachNoticeBeginsAnother)),
    ),
    "attempts early": Mutant("attempts come before their day", "I18", _engine(dunning.AttemptsEarly)),
    "reminds in two steps": Mutant("a crash has a reminder sent twice", "I18", _engine(dunning.RemindsInTwoSteps)),
    "gives up too soon": Mutant("the last attempt is never made", "I19", _engine(dunning.GivesUpTooSoon)),
    "never gives up": Mutant("the last step is never taken", "S13", _engine(dunning.NeverGivesUp)),
    "gives up in two steps": Mutant(
        "dunning is over, and its last step was not taken", "I19", _engine(dunning.GivesUpInTwoSteps)
    ),
    "begins in two steps": Mutant(
        "a crash has a subscription not know that it is dunned",
        "I15",
        Variant(parts=Parts(convergence=dunning.BegunInTwoSteps)),
    ),
    "dunned once": Mutant(
        "the next failure is not dunned", "I19", Variant(parts=Parts(convergence=dunning.DunnedOnce))
    ),
    "skips what was missed": Mutant("an attempt that was held up is not made", "S13", _engine(dunning.MissedIsSkipped)),
    "leaves an attempt under way": Mutant(
        "what became of an attempt is never noted", "I14", _engine(dunning.LeavesAnAttemptUnderWay)
    ),
    "mails at each decline": Mutant(
        "a mail for each decline, beside the reminders", "I27", Variant(context=dunning.MailsAtEachDecline)
    ),
    "forgets a card": Mutant(
        "a card that comes while a worker is there is forgotten", "I16", Variant(flow=dunning.GivingWay)
    ),
}
"""By name."""
