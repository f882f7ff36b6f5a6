"""What all tests share. Each fixture lives in a plugin of its own."""

pytest_plugins = [
    "tests.plugins.gateway_option",
    "tests.plugins.on_demand",
    "tests.plugins.order",
    "tests.plugins.progress",
    "tests.plugins.shop",
    "tests.plugins.store_option",
    "tests.plugins.stripe_mock",
]
