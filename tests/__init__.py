"""Tests: they ask the application over HTTP, and hold the house's rules."""
