"""Leads an older database to the tables of `collector.store.tables`, one revision a file, forwards only."""
