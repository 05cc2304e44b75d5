"""Synthetic interactions: `catalogue` draws the items, and `dataset` draws the users and their events."""
