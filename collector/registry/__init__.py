"""What this installation can read from and speak to. Imports nothing here, so that `identity` can run first."""
