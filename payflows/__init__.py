"""Payment flows as durable state machines: the business, without the weather."""
