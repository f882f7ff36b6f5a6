"""What every business is built on: aggregates, store, outbox, inbox, timers and the worker. It knows no business."""
