"""PostgreSQL: the same datasets for those who outgrow one machine, from a primary and its streaming standbys."""
