"""Whatever is signed, however strange, is answered in our words, and nothing that is refused is stored."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from payflows.store.memory import InMemoryStore
from payflows.stripe.webhooks.response import ResponseCode
from tests.malformed_webhooks import GOOD
from tests.webhook_posts import event, payment_intent, receive, stored

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = [*event(account=None), "extra"]
STRANGE_EVENTS = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=3).map(lambda said: event() | said)
STRANGE_OBJECTS = st.dictionaries(st.sampled_from(["id", "object", "payment_intent"]), JSON, min_size=1).map(
    lambda said: event(about=payment_intent(**said))
)
CUT_AND_PATCHED = st.tuples(st.integers(0, len(GOOD)), st.binary(max_size=8), st.integers(0, 40)).map(
    lambda cut: GOOD[: cut[0]] + cut[1] + GOOD[cut[0] + cut[2] :]
)
STRANGE = (JSON | STRANGE_EVENTS | STRANGE_OBJECTS).map(lambda value: json.dumps(value).encode()) | st.binary()


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(raw_body=STRANGE | CUT_AND_PATCHED)
def test_whatever_is_signed_is_answered_and_nothing_refused_is_stored(raw_body: bytes) -> None:
    store = InMemoryStore()

    answer = receive(raw_body, store=store)

    ignored = [webhook.ignored is not None for webhook in stored(store)]
    assert ignored == {ResponseCode.STORED: [False], ResponseCode.IGNORED: [True]}.get(answer.code, [])
    assert answer.status == (200 if ignored else 400)
