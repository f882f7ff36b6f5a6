"""Where orders, their log and their outbox are kept."""
