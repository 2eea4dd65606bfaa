"""The versions our knowledge of arq and redis-py rests on are the ones installed (reliability: arq 0.28, redis 5)."""

from importlib.metadata import version


def test_arq_is_the_version_whose_faults_we_know() -> None:
    assert version("arq").startswith("0.28.")


def test_redis_is_the_version_that_arq_can_speak_with() -> None:
    assert version("redis").startswith("5.")
