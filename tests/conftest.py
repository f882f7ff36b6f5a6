"""What all tests share. Each fixture lives in its own plugin."""

pytest_plugins = [
    "tests.plugins.coroutines",
    "tests.plugins.gateway_option",
    "tests.plugins.marketplace",
    "tests.plugins.on_demand",
    "tests.plugins.order",
    "tests.plugins.progress",
    "tests.plugins.quiet_log",
    "tests.plugins.shop",
    "tests.plugins.store_option",
    "tests.plugins.stripe_mock",
]
