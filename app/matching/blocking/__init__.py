"""Blocking: texts that cannot be a listed name are rejected before any name is compared with them."""

from app.matching.blocking.blocker import Blocker

__all__ = ["Blocker"]
