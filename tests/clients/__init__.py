"""Tests of the OpenAPI description by programs that others wrote."""
