"""Collecting one amount exactly once, and giving it back: the same for every business."""
