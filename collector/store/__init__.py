"""Keeps what was read, judged and is to be said, in one SQL database: the adapter behind `collector.ports.store`."""
