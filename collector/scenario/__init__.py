"""A quarter written as text, played against the real services in about a second: `krd test`."""
