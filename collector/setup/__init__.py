"""What a bare checkout needs before krd can be imported: an environment and a Prometheus. Standard library only."""
