"""The whole record in files for other programs, made at publish: the same record gives the same bytes."""
