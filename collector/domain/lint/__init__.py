"""What can be said about written key results without asking any source."""
