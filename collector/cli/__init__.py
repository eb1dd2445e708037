"""The command line: one file a verb. Modules import nothing heavy, so that help and completion answer at once."""
