"""Tests of app/matching."""
