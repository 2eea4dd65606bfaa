"""What Prometheus is told. Labels are platforms and outcomes, never ids, addresses or names."""

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = CONTENT_TYPE_LATEST

attempts = Counter("muster_attempts_total", "Attempts to send, by platform and outcome", ["platform", "outcome"])
lateness = Histogram(
    "muster_send_lateness_seconds",
    "How long after its paced slot a send began",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
moves = Counter("muster_relay_moves_total", "Relays that reached a state", ["state"])
requests = Counter("muster_http_requests_total", "API requests, by route and status", ["route", "status"])
oldest_due = Gauge("muster_oldest_due_seconds", "Age of the oldest delivery that is due and may leave")
uncertain = Gauge("muster_uncertain_deliveries", "Deliveries whose outcome nobody can know yet")


def exposition() -> bytes:
    return generate_latest()
