"""Tests of app/postgresql."""
