"""The marketplace: buyers pay once, vendors get their share, and the platform keeps its fee."""
