"""A hint whose database is away: worth a warning, no more; the keeper finds what it left undone."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import structlog
from sqlalchemy.exc import OperationalError

from app.core.db import Database
from app.core.jobs import PLAN, RECEIVE, Job
from tests.servers import free_port
from workers.jobs import JOBS


@pytest.fixture
def nowhere() -> SimpleNamespace:
    """A kit whose PostgreSQL is not there."""
    return SimpleNamespace(db=Database(f"postgresql://muster:x@127.0.0.1:{free_port()}/muster"))


@pytest.mark.parametrize("job", [PLAN, RECEIVE], ids=lambda job: job.name)
async def test_a_job_whose_database_is_away_is_interrupted_and_no_error(nowhere: SimpleNamespace, job: Job) -> None:
    drain = SimpleNamespace(wake=lambda: pytest.fail("there is nothing new to look for"))
    with structlog.testing.capture_logs() as said:
        await JOBS[job]({"kit": nowhere, "drain": drain}, "cmp_1")
    assert [(line["event"], line["log_level"], line["job"]) for line in said if line["event"] == "job_interrupted"] == [
        ("job_interrupted", "warning", job.name)
    ]
    assert not [line for line in said if line["log_level"] in {"error", "critical"}]


async def test_a_job_that_asks_for_what_there_is_not_is_an_error(tmp_path: Path) -> None:
    bare = SimpleNamespace(db=Database(f"sqlite:///{tmp_path / 'bare.db'}"))
    with pytest.raises(OperationalError, match="no such table"):
        await JOBS[PLAN]({"kit": bare, "drain": SimpleNamespace()}, "cmp_1")
    await bare.db.close()
