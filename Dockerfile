# syntax=docker/dockerfile:1
# Built in one stage, run from another, which has Python, the packages and the data, and no compiler.

FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/unlisted
RUN python -m venv /opt/venv
COPY requirements.txt ./
RUN /opt/venv/bin/pip install --require-hashes --no-deps -r requirements.txt && /opt/venv/bin/pip check
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY migrations migrations
COPY seed seed
RUN /opt/venv/bin/pip install --no-deps --no-build-isolation -e . \
    && /opt/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash app \
    && /opt/venv/bin/unlisted publish

FROM python:3.13-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 UNLISTED_HOST=0.0.0.0
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin unlisted
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/unlisted /srv/unlisted
WORKDIR /srv/unlisted
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('UNLISTED_PORT', '8000') + '/readyz', timeout=2)"]
# Nothing is written at run time: docker run --read-only --publish 8000:8000 unlisted
ENTRYPOINT ["unlisted"]
CMD ["serve"]
