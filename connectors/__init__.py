"""What krd reads: one module a kind of source, all behind the contract of `connectors.api`."""
