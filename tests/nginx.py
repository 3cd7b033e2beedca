"""An nginx that runs a configuration as it is shipped, with the addresses and folders of this machine in its place."""

import getpass
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAMS = ("nginx", "openssl")
MISSING = [program for program in PROGRAMS if shutil.which(program) is None]

needs_nginx = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
"""Skips a test where a program is missing."""


def free_port() -> int:
    """Return a port of the loopback address that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def running_nginx(shipped: str, replaced: Mapping[str, str], port: int, folder: Path) -> Iterator[None]:
    """Run nginx for as long as the context lasts.

    Args:
        shipped: the configuration that is shipped, which belongs into the block ``http``.
        replaced: texts of it, each of which must occur, and what takes their places: addresses and paths.
        port: a port that it listens on, to wait for.
        folder: an empty folder for its files.
    """
    for text, ours in replaced.items():
        assert text in shipped, text
        shipped = shipped.replace(text, ours)
    site, main = folder / "site.conf", folder / "nginx.conf"
    site.write_text(shipped)
    temporary = "\n".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main.write_text(
        f"user {getpass.getuser()}; daemon off; pid {folder}/pid; worker_processes 1; error_log {folder}/main.txt;\n"
        f"events {{}}\nhttp {{ {temporary}\ninclude {site}; }}\n"
    )
    command = ["nginx", "-c", str(main), "-p", str(folder)]
    subprocess.run([*command, "-t"], capture_output=True, check=True)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)
