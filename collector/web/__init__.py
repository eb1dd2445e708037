"""The daemon's doors for HTTP: probes, metrics, a page and an API. Everything is read from the board, nothing is changed."""
