"""Names screened against a dataset as of a day: one query, a batch, a file."""
