"""Screening a large file of ordinary customers, measured beside other matchers."""
