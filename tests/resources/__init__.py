"""Tests of the resources, a module a resource."""
