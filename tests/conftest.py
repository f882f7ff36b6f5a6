"""What all tests share. Each fixture lives in a plugin of its own."""

pytest_plugins = [
    "tests.plugins.gateway_option",
    "tests.plugins.store_option",
    "tests.plugins.shop",
    "tests.plugins.stripe_mock",
]
