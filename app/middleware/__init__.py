"""ASGI middleware: response cache, content encoding, security headers."""
