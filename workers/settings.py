"""How this process listens to arq: short timeouts, nothing kept, UTC, JSON, and no retry of its own."""

from datetime import UTC
from typing import cast

from arq.typing import WorkerCoroutine
from arq.worker import Worker, func

from app.core.jobs import QUEUE, deserialize, redis_settings, serialize
from app.flows.drain import Drain
from app.flows.kit import Kit
from workers.jobs import JOBS

JOB_TIMEOUT_S = 30


def ear(kit: Kit, drain: Drain) -> Worker:
    """A fresh arq worker for the job catalogue. Raises RedisError or OSError from `async_run` when Redis goes away."""
    url = kit.settings.redis_url
    if url is None:
        raise ConnectionError("no MUSTER_REDIS_URL")
    return Worker(
        functions=[
            func(cast("WorkerCoroutine", body), name=job.name, keep_result=0, timeout=JOB_TIMEOUT_S)
            for job, body in JOBS.items()
        ],
        queue_name=QUEUE,
        redis_settings=redis_settings(url.get_secret_value()),
        ctx={"kit": kit, "drain": drain},
        job_serializer=serialize,
        job_deserializer=deserialize,
        handle_signals=False,
        keep_result=0,
        max_jobs=50,
        max_tries=100,
        job_timeout=JOB_TIMEOUT_S,
        poll_delay=0.1,
        queue_read_limit=50,  # each costs arq half a millisecond, and more for one that another worker seems to hold
        allow_abort_jobs=False,
        log_results=False,
        timezone=UTC,
    )
