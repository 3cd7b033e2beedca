"""Tests of app/fields."""
