"""What people write, made into what the daemon runs: every mistake of every file at once, with line and column."""
