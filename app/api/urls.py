"""The beginning of absolute links: from the settings or the listening socket, never from a Host header."""

from collections.abc import Mapping
from typing import Any

from app.settings import Settings


def base_url(scope: Mapping[str, Any]) -> str:
    """Return the beginning of this server's absolute links, without a slash at the end.

    Args:
        scope: the ASGI scope of the request, for the settings of its application and the address of its socket.
    """
    settings: Settings = scope["app"].state.settings
    if public := public_base(settings):
        return public
    host, port = scope.get("server") or (settings.host, settings.port)
    if port is None:
        return f"http://{host}" if host and "/" not in host else f"http://{settings.host}:{settings.port}"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def public_base(settings: Settings) -> str:
    """Return the beginning of absolute links where no server answers: the public URL; empty where none is set.

    An address made offline is then relative to whichever server its reader asks.
    """
    return str(settings.public_url).rstrip("/") if settings.public_url is not None else ""
