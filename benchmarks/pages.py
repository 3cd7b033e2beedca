"""Measures pages: CPU time of first answers, and bytes.

python -m benchmarks.pages data/unlisted.db
"""

import argparse
import asyncio
import statistics
import time
from pathlib import Path

import httpx

from app.main import create_app
from app.settings import Settings

PAGES = (
    "/",
    "/vessels",
    "/designated-parties",
    "/vessels/9163166",
    "/designated-parties/KPi.014",
    "/resolutions/2270",
    "/measures",
    "/changes",
    "/statements",
    "/search?q=Jin+Teng",
)
TIMES = 30
HEADERS = {"Accept": "text/html", "Accept-Encoding": "identity"}


async def measure(database: Path) -> None:
    """Print the median CPU time of a page that is not kept, and its bytes.

    Args:
        database: the published dataset.
    """
    app = create_app(Settings(database=database, response_cache_bytes=0))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bench") as client:
        print("| page | CPU ms, median | bytes |\n|---|---|---|")
        for page in PAGES:
            await client.get(page, headers=HEADERS)
            times = []
            for _ in range(TIMES):
                began = time.process_time()
                response = await client.get(page, headers=HEADERS)
                times.append(1000 * (time.process_time() - began))
            print(f"| `{page}` | {statistics.median(times):.1f} | {len(response.content):,} |")
    app.state.datasets.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    asyncio.run(measure(parser.parse_args().database))
