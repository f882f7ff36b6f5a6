"""What must hold of subscriptions."""
