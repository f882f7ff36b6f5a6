"""What all tests share. Each fixture lives in a plugin of its own."""

pytest_plugins = ["tests.plugins.shop", "tests.plugins.stripe_mock"]
