"""A store reads what it wrote: the same values, of the same types. What other code wrote is upgraded or refused."""

from __future__ import annotations

import json
import re
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import payflows
from payflows.checkout.goods import HoldStatus, ShipmentStatus
from payflows.checkout.messages import ORDERS, EventType, MailKind
from payflows.checkout.model import OrderStatus, Reason
from payflows.errors import UnreadableRow
from payflows.kernel.aggregate import Aggregate, EntryKind, Json, Kind
from payflows.kernel.changes import Put
from payflows.kernel.inbox import WEBHOOKS
from payflows.kernel.queue_item import HandlerRecord, ItemStatus, QueueItem
from payflows.marketplace.ledger import LEDGER
from payflows.marketplace.messages import DISPUTES, MOVEMENTS, PAYOUTS, SALES, VENDORS
from payflows.marketplace.volume import VOLUMES
from payflows.payments.invoice_payable import DEFAULT_CARD
from payflows.payments.model import CaptureMode, DisputeStatus, PaymentStatus, RefundStatus
from payflows.store.bodies import aggregate_of, body_of_aggregate, body_of_entry, body_of_item, entry_of, item_of
from payflows.store.codec import codec_of
from payflows.store.sql import SqlStore, directly
from payflows.subscriptions.episode import EPISODES
from payflows.subscriptions.messages import INVOICES, SUBSCRIPTIONS
from payflows.subscriptions.usage import TALLIES, USAGE
from payflows.testing.store_sample import BOOKINGS, PARCELS, START, ParcelStatus, a_parcel, an_item
from simulations.time.hand_clock import HandClock
from tests.sample_orders import an_order
from tests.stored_values import values_of, with_types

OF_MARKETPLACES: tuple[Kind[Any], ...] = (VENDORS, SALES, MOVEMENTS, DISPUTES, PAYOUTS, VOLUMES)
KINDS: tuple[Kind[Any], ...] = (EPISODES, ORDERS, SUBSCRIPTIONS, INVOICES, USAGE, TALLIES, *OF_MARKETPLACES, PARCELS)
ENTRY_KINDS: tuple[EntryKind[Any], ...] = (WEBHOOKS, LEDGER, BOOKINGS)

PROPERTY = settings(max_examples=60, deadline=None, derandomize=True, database=None)


def name_of(kind: Kind[Any] | EntryKind[Any]) -> str:
    return kind.name


# What is written is read


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
@PROPERTY
@given(data=st.data())
def test_an_aggregate_is_read_as_it_was_written(kind: Kind[Any], data: st.DataObject) -> None:
    aggregate = data.draw(values_of(kind.aggregate_type))

    read = aggregate_of(kind, body_of_aggregate(kind, aggregate))

    assert read == aggregate
    assert with_types(read) == with_types(aggregate)


@pytest.mark.parametrize("kind", ENTRY_KINDS, ids=name_of)
@PROPERTY
@given(data=st.data())
def test_an_entry_is_read_as_it_was_written(kind: EntryKind[Any], data: st.DataObject) -> None:
    entry = data.draw(values_of(kind.entry_type))

    read = entry_of(kind, body_of_entry(kind, entry))

    assert read == entry
    assert with_types(read) == with_types(entry)


@PROPERTY
@given(values_of(QueueItem))
def test_a_queue_item_is_read_as_it_was_written_whatever_its_content(item: QueueItem) -> None:
    read = item_of(body_of_item(item))

    assert read == item
    assert with_types(read) == with_types(item)


def test_a_handlers_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    @PROPERTY
    @given(values_of(HandlerRecord))
    def is_read_as_it_was_written(drawn: HandlerRecord) -> None:
        before = run(store.record(drawn.name))
        after = drawn._replace(version=before.version + 1)
        run(store.change(Put(before, after)))
        assert with_types(run(store.record(drawn.name))) == with_types(after)

    run = HandClock().run
    with closing(SqlStore(tmp_path / "file.sqlite", run=directly)) as store:
        is_read_as_it_was_written()


def test_every_kind_is_tested_here() -> None:
    sources = Path(payflows.__file__).parent.rglob("*.py")
    named = re.compile(r"^(\w+)(?:: [^=]+)? = (?:Entry)?Kind\(", re.M)
    defined = {name for path in sources for name in named.findall(path.read_text())}

    assert len(defined) == len(KINDS) + len(ENTRY_KINDS), f"{defined} are all there are"


def test_a_moment_keeps_its_microseconds() -> None:
    moment = datetime(2026, 1, 1, 12, 0, 0, 123_457, tzinfo=UTC)
    order = replace(an_order(), changed_at=moment)

    assert aggregate_of(ORDERS, body_of_aggregate(ORDERS, order)).changed_at == moment


@pytest.mark.parametrize("hint", [float, list[int], dict[int, str], object])
def test_a_type_that_would_not_be_read_as_it_was_written_is_refused(hint: object) -> None:
    with pytest.raises(TypeError, match="a stored value cannot hold"):
        codec_of(hint)


# What other code wrote


@dataclass(frozen=True, kw_only=True)
class FirstParcel(Aggregate):
    """A parcel as it was stored at first: the locker was a number, and its fee was in euros."""

    status: ParcelStatus
    number: int
    owner: str
    code: str
    fee_minor: int
    collect_by: datetime


def to_named_lockers(body: Json) -> Json:
    """From schema 1 to 2."""
    return {**{name: value for name, value in body.items() if name != "number"}, "locker": f"L{body['number']}"}


def to_money(body: Json) -> Json:
    """From schema 2 to 3."""
    kept = {name: value for name, value in body.items() if name != "fee_minor"}
    return {**kept, "fee": {"minor": body["fee_minor"], "currency": "eur"}}


FIRST = Kind(name=PARCELS.name, aggregate_type=FirstParcel, transitions=PARCELS.transitions)
THIRD = replace(PARCELS, schema=3, upgrades={1: to_named_lockers, 2: to_money})


def test_an_older_row_is_upgraded_schema_by_schema(tmp_path: Path) -> None:
    now, run = a_parcel(), HandClock().run
    first = FirstParcel(
        id=now.id,
        status=now.status,
        changed_at=START,
        number=1,
        owner="ada",
        code="code_1",
        fee_minor=250,
        collect_by=now.collect_by,
    )

    with closing(SqlStore(tmp_path / "file.sqlite", run=directly)) as store:
        run(store.add(FIRST, first))

        assert run(store.get(THIRD, now.id)) == now


def test_a_row_of_newer_code_is_refused() -> None:
    body = body_of_aggregate(THIRD, a_parcel())

    with pytest.raises(
        UnreadableRow, match="par_1, written in schema 3, is newer than this code, which knows schema 1"
    ):
        aggregate_of(PARCELS, body)


def test_a_missing_upgrade_is_named() -> None:
    gap = replace(THIRD, upgrades={1: to_named_lockers})
    body = json.dumps({"schema": 1, "body": {"id": "par_1", "number": 1}})

    with pytest.raises(UnreadableRow, match="par_1, written in schema 1, needs an upgrade from schema 2 to 3"):
        aggregate_of(gap, body)


def changed(without: str = "", **changes: object) -> str:
    """The body of an order, with other fields than this code would write."""
    stored = json.loads(body_of_aggregate(ORDERS, an_order()))
    body = {name: value for name, value in (stored["body"] | changes).items() if name != without}
    return json.dumps(stored | {"body": body})


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (changed(gift_wrap=True), "Order has no field gift_wrap"),
        (changed(without="purchase"), "Order needs purchase"),
        (changed(status="lost"), "OrderStatus has no member 'lost'"),
    ],
)
def test_a_body_that_the_code_does_not_know_is_refused_by_the_name_of_its_field(body: str, why: str) -> None:
    with pytest.raises(UnreadableRow, match=f"order ord_1, written in schema 1, cannot be read: {why}"):
        aggregate_of(ORDERS, body)


def test_a_content_of_another_type_is_refused() -> None:
    body = body_of_item(an_item("one")).replace('"BusinessEvent"', '"Postcard"')

    with pytest.raises(UnreadableRow, match="one of BusinessEvent, Mail, WebhookSubject, and Postcard is stored"):
        item_of(body)


def test_a_field_that_was_added_with_a_default_needs_no_upgrade() -> None:
    order = aggregate_of(ORDERS, changed(without="tracking_number"))

    assert order == an_order()


STORED_NAMES = (OrderStatus, Reason, HoldStatus, ShipmentStatus, EventType, MailKind, ItemStatus)
STRIPES_NAMES = (PaymentStatus, RefundStatus, DisputeStatus, CaptureMode)


@pytest.mark.parametrize("names", [*STORED_NAMES, *STRIPES_NAMES], ids=lambda names: names.__name__)
def test_names_that_are_stored_or_are_stripes_stay_what_they_are(names: type[StrEnum]) -> None:
    """What one release has stored the next one reads, and its subscribers wait for the same events."""
    assert {name.value.replace(".", "_") for name in names} == {name.name.lower() for name in names}


def test_the_name_that_stands_for_a_customers_own_card_stays() -> None:
    assert DEFAULT_CARD == "default"
