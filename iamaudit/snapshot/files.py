"""Make a snapshot from the files that a client hands over, without asking AWS."""
