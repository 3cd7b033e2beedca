"""Screening: files, their values and what came of them."""
