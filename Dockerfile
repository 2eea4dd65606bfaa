# One image, several commands: `api` (the default), `worker`, `migrate`, or any other word of `muster --help`.
FROM python:3.11-slim

ENV PATH=/opt/venv/bin:$PATH \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PYTHONUNBUFFERED=1 \
    MUSTER_DATA_DIR=/data \
    MUSTER_HOST=0.0.0.0 \
    MUSTER_LOG_FORMAT=json
RUN groupadd --gid 10001 muster \
    && useradd --uid 10001 --gid muster --no-create-home --home-dir /data --shell /usr/sbin/nologin muster \
    && install --directory --owner muster --group muster --mode 0700 /data
WORKDIR /srv/muster
COPY requirements.txt requirements-build.txt ./
RUN python -m venv /opt/venv \
    && /opt/venv/bin/python -m pip install --require-hashes -r requirements.txt -r requirements-build.txt
COPY . .
# Linked, not copied into the venv: migrations and scripts lie beside the code, where it looks for them.
RUN /opt/venv/bin/python -m pip install --no-build-isolation --no-deps --editable .
USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
# The API's own pulse. A worker has no port: docker-compose.yml gives it another check.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ.get('MUSTER_PORT') or 8000}/healthz\", timeout=2)"]
ENTRYPOINT ["muster"]
CMD ["api"]
