"""How krd speaks to people: one module a kind of notifier, each with a `KIND`, none of which knows another."""
