"""The simulated Stripe's HTTP API, asked without the SDK: statuses, bodies and keys, as Stripe documents them."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from payflows.testing.gateway_customer import DECLINED, VISA
from simulations.stripe import HandClock, SimulatedStripe
from simulations.stripe.billing.gateway import CALLS as BILLING_CALLS
from simulations.stripe.connect.gateway import CALLS as CONNECT_CALLS
from simulations.stripe.core.faults import FaultInjection
from simulations.stripe.http.api import HttpApi
from simulations.stripe.payments.gateway import CALLS
from tests.http_caller import A_PAYMENT, INTENTS, Caller, Params, error_in

REFUNDS = "/v1/refunds"
EXPANDED = {"expand[0]": "latest_charge"}
UNKNOWN = "pi_000000000000000000000000"


@pytest.fixture
def caller() -> Caller:
    return Caller()


# Answers.


def test_a_payments_life(caller: Caller) -> None:
    made = caller.post(INTENTS, A_PAYMENT | {"capture_method": "manual"}).json()
    held = caller.post(f"{INTENTS}/{made['id']}/confirm", {"payment_method": VISA} | EXPANDED).json()
    taken = caller.post(f"{INTENTS}/{made['id']}/capture", EXPANDED).json()
    refund = caller.post(REFUNDS, {"payment_intent": made["id"], "metadata[order_id]": "ord_1"}).json()

    assert [step["status"] for step in (made, held, taken)] == [
        "requires_payment_method",
        "requires_capture",
        "succeeded",
    ]
    assert (taken["amount_received"], taken["metadata"]) == (4999, {"order_id": "ord_1"})
    assert (held["latest_charge"]["captured"], taken["latest_charge"]["captured"]) == (False, True)
    assert (refund["status"], refund["payment_intent"], refund["amount"]) == ("succeeded", made["id"], 4999)


def test_a_charge_comes_as_its_id_unless_it_is_asked_for(caller: Caller) -> None:
    path = f"{INTENTS}/{caller.payment(VISA)}"

    plain, expanded = caller.get(path).json(), caller.get(path, **EXPANDED).json()

    assert plain["latest_charge"] == expanded["latest_charge"]["id"]


def test_requests_have_ids_of_their_own(caller: Caller) -> None:
    ids = [caller.post(INTENTS, A_PAYMENT).headers["Request-Id"] for _ in range(2)]

    assert ids == ["req_00000000000001", "req_00000000000002"]


def test_a_search_finds_an_orders_payments_once_it_knows_of_them(caller: Caller) -> None:
    ours = "it's \\ 'mine'"
    made = caller.post(INTENTS, A_PAYMENT | {"metadata[order_id]": ours}).json()["id"]
    caller.payment()
    query = r"metadata['order_id']:'it\'s \\ \'mine\''"

    immediately = caller.get(f"{INTENTS}/search", query=query).json()
    caller.clock.pass_time(60)
    later = caller.get(f"{INTENTS}/search", query=query).json()

    assert immediately["data"] == []
    assert [found["id"] for found in later["data"]] == [made]
    assert (later["object"], later["has_more"], later["next_page"]) == ("search_result", False, None)


def test_a_list_of_refunds_holds_the_dashboards_too_newest_first(caller: Caller) -> None:
    payment = caller.payment(VISA)
    caller.stripe.refund_in_dashboard(payment, 1000)
    ours = caller.post(REFUNDS, {"payment_intent": payment, "metadata[order_id]": "ord_1"}).json()

    page = caller.get(REFUNDS, payment_intent=payment).json()
    first = caller.get(REFUNDS, payment_intent=payment, limit="1").json()

    assert [refund["amount"] for refund in page["data"]] == [3999, 1000]
    assert page["data"][1]["metadata"] == {}
    assert (first["data"], first["has_more"]) == ([ours], True)


# Errors.


def test_a_decline_is_a_402_with_the_payment_in_it(caller: Caller) -> None:
    payment = caller.payment()

    answer = caller.post(f"{INTENTS}/{payment}/confirm", {"payment_method": DECLINED})

    error = answer.json()["error"]
    assert error_in(answer) == (402, "card_error", "card_declined")
    assert error["decline_code"] == "generic_decline"
    assert error["charge"] == error["payment_intent"]["latest_charge"]
    assert error["payment_intent"]["status"] == "requires_payment_method"


def test_what_the_status_does_not_allow_is_a_400_with_the_payment_in_it(caller: Caller) -> None:
    payment = caller.payment(VISA)

    answer = caller.post(f"{INTENTS}/{payment}/cancel")

    assert error_in(answer) == (400, "invalid_request_error", "payment_intent_unexpected_state")
    assert answer.json()["error"]["payment_intent"]["status"] == "succeeded"


def test_what_is_not_there_is_a_404_and_what_is_named_wrongly_a_400(caller: Caller) -> None:
    payment = caller.payment()

    missing = [
        caller.get(f"{INTENTS}/{UNKNOWN}"),
        *(caller.post(f"{INTENTS}/{UNKNOWN}/{act}") for act in ("capture", "cancel")),
    ]
    misnamed = [
        caller.post(f"{INTENTS}/{payment}/confirm", {"payment_method": "pm_card_unknown"}),
        caller.post(REFUNDS, {"payment_intent": UNKNOWN, "metadata[order_id]": "ord_1"}),
    ]

    assert {error_in(answer) for answer in missing} == {(404, "invalid_request_error", "resource_missing")}
    assert {answer.json()["error"]["param"] for answer in missing} == {"intent"}
    assert misnamed[0].json()["error"]["param"] == "payment_method"
    assert {error_in(answer) for answer in misnamed} == {(400, "invalid_request_error", "resource_missing")}


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"amount": ""}, "parameter_missing", "amount"),
        ({"amount": "1e3"}, "parameter_invalid_integer", "amount"),
        ({"amount": "10"}, "amount_too_small", "amount"),
        ({"currency": "xau"}, None, "currency"),
        ({"capture_method": "later"}, None, "capture_method"),
        ({"expand[0]": "customer"}, None, "expand"),
        ({"payment_method_types[0]": "card"}, "parameter_unknown", "payment_method_types[0]"),
    ],
)
def test_a_parameter_that_cannot_be_is_refused_by_its_name_and_leaves_the_key_free(
    caller: Caller, params: Params, code: str | None, param: str
) -> None:
    refused = caller.post(INTENTS, A_PAYMENT | params, key="k")

    assert error_in(refused) == (400, "invalid_request_error", code)
    assert refused.json()["error"]["param"] == param
    assert caller.post(INTENTS, A_PAYMENT, key="k").status_code == 200


@pytest.mark.parametrize(
    ("path", "params"),
    [
        (f"{INTENTS}/search", {"query": "status:'succeeded'"}),
        (f"{INTENTS}/search", {}),
        (REFUNDS, {"payment_intent": UNKNOWN, "limit": "101"}),
    ],
)
def test_a_question_that_cannot_be_understood_is_refused(caller: Caller, path: str, params: Params) -> None:
    assert caller.get(path, **params).status_code == 400


@pytest.mark.parametrize(("verb", "path"), [("GET", "/v1/charges"), ("DELETE", INTENTS), ("GET", "/")])
def test_another_place_is_not_there(caller: Caller, verb: str, path: str) -> None:
    http = httpx.AsyncClient(transport=caller.transport)

    answer = caller.clock.run(http.request(verb, f"https://api.stripe.com{path}"))

    assert error_in(answer) == (404, "invalid_request_error", None)


# Keys and troubles.


def test_a_key_brings_back_the_first_answer_word_for_word(caller: Caller) -> None:
    payment = caller.payment(capture_method="manual")
    path, card = f"{INTENTS}/{payment}/confirm", {"payment_method": VISA}
    first = caller.post(path, card, key="k")
    caller.post(f"{INTENTS}/{payment}/capture")

    again = caller.post(path, card, key="k")

    assert (again.status_code, again.content) == (200, first.content)
    assert caller.get(f"{INTENTS}/{payment}").json()["status"] == "succeeded"


def test_what_a_key_brings_back_names_the_request_that_it_is_of(caller: Caller) -> None:
    refused = caller.post(INTENTS, A_PAYMENT | {"amount": "10"}, key="k")
    first, again = (caller.post(INTENTS, A_PAYMENT, key="k") for _ in range(2))

    for answer in (refused, first):
        assert not {"Idempotent-Replayed", "Original-Request"} & {*answer.headers}
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Original-Request"] == first.headers["Request-Id"] != again.headers["Request-Id"]


def test_an_answer_names_its_key_and_the_version_of_the_api(caller: Caller) -> None:
    http = httpx.AsyncClient(transport=caller.transport)
    sent = {"Idempotency-Key": "k", "Stripe-Version": "2026-10-28.dahlia"}

    answer = caller.clock.run(http.post(f"https://api.stripe.com{INTENTS}", data=A_PAYMENT, headers=sent))

    assert answer.headers.items() >= {each.lower(): value for each, value in sent.items()}.items()


def test_a_key_brings_back_a_decline_as_it_was(caller: Caller) -> None:
    path = f"{INTENTS}/{caller.payment()}/confirm"
    first = caller.post(path, {"payment_method": DECLINED}, key="k")
    caller.post(path, {"payment_method": VISA})

    again = caller.post(path, {"payment_method": DECLINED}, key="k")

    assert (again.status_code, again.content) == (402, first.content)


def test_a_key_with_other_parameters_is_an_idempotency_error(caller: Caller) -> None:
    payment = caller.payment()
    caller.post(f"{INTENTS}/{payment}/confirm", {"payment_method": DECLINED}, key="k")

    for path, params in ((f"{INTENTS}/{payment}/confirm", {"payment_method": VISA}), (INTENTS, A_PAYMENT)):
        assert error_in(caller.post(path, params, key="k")) == (400, "idempotency_error", None)


def test_a_key_is_in_use_while_its_first_call_runs(caller: Caller) -> None:
    caller.stripe.slow_down("create_payment", 60)
    with pytest.raises(httpx.ReadTimeout):
        caller.post(INTENTS, A_PAYMENT, key="k")

    assert error_in(caller.post(INTENTS, A_PAYMENT, key="k")) == (409, "idempotency_error", "idempotency_key_in_use")


def test_a_stored_500_is_an_api_error_again_and_again(caller: Caller) -> None:
    caller.stripe.answer_500_to("create_payment", stored=True)

    answers = [caller.post(INTENTS, A_PAYMENT, key="k") for _ in range(2)]

    assert [error_in(answer)[:2] for answer in answers] == [(500, "api_error")] * 2


def test_too_many_requests_are_a_429(caller: Caller) -> None:
    caller.stripe.answer_429_to("create_payment")

    assert error_in(caller.post(INTENTS, A_PAYMENT)) == (429, "invalid_request_error", "rate_limit")


@pytest.mark.parametrize(
    ("disturb", "raised"),
    [
        (FaultInjection.refuse_connections, httpx.ConnectError),
        (FaultInjection.lose_request_of, httpx.ReadTimeout),
        (FaultInjection.lose_answer_of, httpx.ReadTimeout),
        (FaultInjection.reset_connection_of, httpx.ReadError),
    ],
)
def test_where_no_answer_comes_httpx_says_how(
    caller: Caller, disturb: Callable[[FaultInjection, str], None], raised: type[httpx.TransportError]
) -> None:
    disturb(caller.stripe.account.faults, "create_payment")

    with pytest.raises(raised):
        caller.post(INTENTS, A_PAYMENT)


def test_every_call_has_a_place() -> None:
    assert set(vars(HttpApi(SimulatedStripe(HandClock())).server)) == {*CALLS, *BILLING_CALLS, *CONNECT_CALLS}
