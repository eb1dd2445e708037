"""The key-result daemon: `domain` knows, `services` act, adapters connect, `app` composes."""
