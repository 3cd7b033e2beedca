"""A shared cache in front of the API: how much it answers alone, and that nothing in it is staler than it may be.

    python -m benchmarks.http.caches              # Varnish and nginx, where they are installed

For each cache a server runs behind it with short ages (10 s fresh, 1 s more while it asks anew, 60 s if the server
fails). A mix of questions as a public API has it goes through the cache for some seconds; another dataset is published
half-way; then the server is stopped and the mix goes on.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from app.publish import publish
from app.settings import ROOT
from benchmarks.http.run import heading, write_between
from benchmarks.http.servers import Server, found, free_port, ours

FRESH, REVALIDATE, IF_ERROR = 10, 1, 60
"""What answers say, in seconds: how long they are fresh, may be given while asking anew, and if that fails."""
SLACK = 1.0
"""Seconds by which clocks that tell whole seconds may be wrong."""

NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log off;
  proxy_cache_path {folder}/cache keys_zone=answers:10m max_size=100m;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder};
  scgi_temp_path {folder};
  upstream api {{ server 127.0.0.1:{origin}; keepalive 8; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://api; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_cache answers; proxy_cache_lock on; proxy_cache_background_update on; proxy_cache_revalidate on;
      add_header Cached $upstream_cache_status;
    }}
  }}
}}
"""

VARNISH = """
vcl 4.1;
import std;
backend default {{
  .host = "127.0.0.1"; .port = "{origin}";
  .probe = {{ .url = "/healthz"; .interval = 0.2s; .timeout = 0.2s; .window = 2; .threshold = 2; .initial = 2; }}
}}
# Varnish 7.1 reads stale-while-revalidate and not stale-if-error: it keeps answers for the latter, and gives those that
# are older than the former only while the server is ill.
sub vcl_backend_response {{ set beresp.grace = {if_error}s; }}
sub vcl_recv {{ if (std.healthy(req.backend_hint)) {{ set req.grace = {revalidate}s; }} }}
sub vcl_deliver {{ set resp.http.Cached = obj.hits; }}
"""


@dataclass
class Tally:
    """What came of a mix of questions.

    Attributes:
        answers: how many were answered, by status.
        hits: how many of them without asking the server.
        stalest: seconds by which an answer was older than it may be; 0 where none was.
    """

    answers: Counter[int] = field(default_factory=Counter)
    hits: int = 0
    stalest: float = 0

    @property
    def share(self) -> float:
        """The share of hits."""
        return self.hits / max(sum(self.answers.values()), 1)


def questions(choice: random.Random) -> Iterator[str]:
    """Yield questions as often as a public API is asked them: a few by everyone, records by Zipf's law."""
    common = ["/vessels?listed=true", "/vessels", "/changes", "/designated-parties?listed=true", "/timeline", "/"]
    records = [line.split(",")[0] for line in (ROOT / "seed" / "vessels.csv").read_text().splitlines()[1:]]
    weights = [1 / rank for rank in range(1, len(records) + 1)]
    while True:
        if choice.random() < 0.6:
            yield choice.choice(common)
        else:
            yield f"/vessels/{choice.choices(records, weights)[0]}"


def ask(
    cache: str, seconds: float, is_hit: Callable[[httpx.Response], bool], changed: dict[str, float], allowed: float
) -> Tally:
    """Ask a cache a mix of questions for some seconds.

    Args:
        cache: its address.
        seconds: how long.
        is_hit: says whether the cache answered alone.
        changed: when each version of the dataset was replaced by another.
        allowed: for how many seconds after that it may still be given.
    """
    tally = Tally()
    with httpx.Client(base_url=cache) as client:
        until = time.monotonic() + seconds
        for url in questions(random.Random(1718)):
            if time.monotonic() >= until:
                return tally
            response = client.get(url)
            tally.answers[response.status_code] += 1
            tally.hits += is_hit(response)
            replaced = changed.get(response.headers.get("dataset-version", ""))
            if replaced is not None:
                tally.stalest = max(tally.stalest, time.monotonic() - replaced - allowed)
    return tally


@contextmanager
def cache_of(name: str, program: str, origin: int, folder: Path) -> Iterator[str]:
    """Run a cache before a server for as long as the context lasts, and give its address.

    Args:
        name: nginx or Varnish.
        program: where it is installed.
        origin: port of the server.
        folder: where it keeps its files.
    """
    port = free_port()
    if name == "nginx":
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, origin=origin))
        command = [program, "-c", str(folder / "nginx.conf"), "-p", str(folder)]
    else:
        vcl = VARNISH.format(origin=origin, if_error=IF_ERROR, revalidate=REVALIDATE)
        (folder / "unlisted.vcl").write_text(vcl)
        command = [program, "-F", "-a", f"127.0.0.1:{port}", "-n", str(folder / "varnish")]
        command += ["-f", str(folder / "unlisted.vcl")]
    cache = Server(name, command, "/vessels", port=port)
    cache.start()
    try:
        yield cache.url("")
    finally:
        cache.stop()


def is_hit(response: httpx.Response) -> bool:
    """Say whether a cache answered alone, as both say it in the header Cached."""
    return response.headers.get("cached", "0") not in ("0", "MISS", "EXPIRED", "BYPASS", "REVALIDATED")


def try_cache(name: str, program: str, seconds: float) -> tuple[Tally, Tally, Tally]:
    """Return the results of the mix before another dataset was published, after it, and with the server stopped."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        folder.chmod(0o777)
        shutil.copytree(ROOT / "seed", folder / "seed")
        first = publish(folder / "seed", folder / "unlisted.db").version
        ages = {"cache_seconds": FRESH, "revalidate_seconds": REVALIDATE, "stale_if_error_seconds": IF_ERROR}
        server = ours("this API", folder / "unlisted.db", **{key: str(value) for key, value in ages.items()})
        server.start()
        try:
            with cache_of(name, program, server.port, folder) as address:
                before = ask(address, seconds, is_hit, {}, 0)
                titles = folder / "seed" / "sources.csv"
                titles.write_text(titles.read_text().replace("Security Council", "The Security Council", 1))
                publish(folder / "seed", folder / "unlisted.db")
                after = ask(address, seconds, is_hit, {first: time.monotonic()}, FRESH + REVALIDATE + SLACK)
                server.stop()
                without = ask(address, seconds, is_hit, {}, 0)
        finally:
            server.stop()
    return before, after, without


def main(arguments: list[str] | None = None) -> int:
    """Try every cache that is installed, and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20, help="how long each part of the mix lasts")
    parser.add_argument("--write", type=Path, help="file to write to, between the marks that it has")
    options = parser.parse_args(arguments)
    lines = [
        *heading(f"python -m benchmarks.http.caches --seconds {options.seconds:g}"),
        "| cache | answers | hits | hits after a publication | staler than allowed, s | server stopped | of them 200 |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    programs = {"Varnish": found("varnishd", Path("/usr/sbin")), "nginx": found("nginx", Path("/usr/sbin"))}
    for name, program in programs.items():
        if program is None:
            print(f"{name} is not installed; it is left out.", file=sys.stderr)
            continue
        before, after, without = try_cache(name, program, options.seconds)
        lines.append(
            f"| {name} | {sum(before.answers.values()):,} | {before.share:.2%} | {after.share:.2%} | "
            f"{after.stalest:.1f} | {sum(without.answers.values()):,} | {without.answers[200]:,} |"
        )
    write_between(options.write, "<!-- begin: caches -->", "<!-- end: caches -->", "\n".join([*lines, ""]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
