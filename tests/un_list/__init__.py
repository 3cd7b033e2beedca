"""Tests of app/un_list."""
