"""Planted bugs: what could be wrong with Muster, put into it on purpose, each with the scene in which the verdict
must turn red and the count that must tell. The rig is only worth its word if it finds them all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.chaos import bugs_of_sending as sending
from tests.chaos import bugs_of_the_ledger as ledger
from tests.chaos import scenes
from tests.chaos.scenario import Scenario
from tests.chaos.verdict import Fault


@dataclass(frozen=True)
class Plant:
    """`put` changes this very process; `scene` provokes it; `fault` is the count it must raise."""

    name: str
    put: Callable[[], None]
    scene: Callable[[], Scenario]
    fault: Fault


_ALL: Sequence[Plant] = (
    Plant("posts_before_the_intent", sending.posts_before_the_intent, scenes.dying_workers, Fault.DUPLICATES),
    Plant("forgets_its_fences", sending.forgets_its_fences, scenes.slow_answers, Fault.LIES),
    Plant("repeats_the_unknown", sending.repeats_the_unknown, scenes.lost_answers, Fault.DUPLICATES),
    Plant("repeats_what_the_dead_said", sending.repeats_what_the_dead_said, scenes.dying_workers, Fault.DUPLICATES),
    Plant("new_key_each_time", sending.new_key_each_time, scenes.lost_answers, Fault.DUPLICATES),
    Plant("key_never_used", sending.key_never_used, scenes.lost_answers, Fault.LOST),
    Plant("gives_up_too_soon", sending.gives_up_too_soon, scenes.calm, Fault.LOST),
    Plant("no_limiter", sending.no_limiter, scenes.many_to_the_same, Fault.VIOLATIONS),
    Plant("limits_of_the_wrong_scope", sending.limits_of_the_wrong_scope, scenes.one_to_many, Fault.VIOLATIONS),
    Plant("successor_without_memory", sending.successor_without_memory, scenes.succession, Fault.VIOLATIONS),
    Plant("refusal_not_heeded", sending.refusal_not_heeded, scenes.dead_credential, Fault.VIOLATIONS),
    Plant("reading_confirms", ledger.reading_confirms, scenes.silent_leader, Fault.LIES),
    Plant("gates_are_not_read", sending.gates_are_not_read, scenes.paused, Fault.LATE),
    Plant("stops_in_words_only", ledger.stops_in_words_only, scenes.paused, Fault.LATE),
    Plant("resume_opens_nothing", ledger.resume_opens_nothing, scenes.paused, Fault.STUCK),
    Plant("deadline_forgotten", ledger.deadline_forgotten, scenes.too_late, Fault.LATE),
    Plant("time_runs_out_early", ledger.time_runs_out_early, scenes.calm, Fault.LOST),
    Plant("outcomes_lost", ledger.outcomes_lost, scenes.calm, Fault.LIES),
    Plant("nobody_sweeps", ledger.nobody_sweeps, scenes.dying_workers, Fault.STUCK),
    Plant("outcomes_lost_near_a_death", ledger.outcomes_lost, scenes.early_death, Fault.LIES),
    Plant("leases_outlive_the_dead", ledger.leases_outlive_the_dead, scenes.all_dead_at_once, Fault.SLOW),
    Plant("sent_without_posting", sending.sent_without_posting, scenes.calm, Fault.SILENT),
    Plant("unknown_counts_as_sent", sending.unknown_counts_as_sent, scenes.cut_lines, Fault.LIES),
    Plant("throttle_counts_as_sent", sending.throttle_counts_as_sent, scenes.asked_to_wait, Fault.LIES),
    Plant("throttle_counts_as_refused", sending.throttle_counts_as_refused, scenes.asked_to_wait, Fault.LOST),
    Plant("missed_list_hides_doubt", ledger.missed_list_hides_doubt, scenes.lost_answers, Fault.UNSURFACED),
    Plant("plan_skips_the_last", ledger.plan_skips_the_last, scenes.calm, Fault.LOST),
    Plant("plan_makes_one_twice", ledger.plan_makes_one_twice, scenes.calm, Fault.DUPLICATES),
    Plant("letters_twice", ledger.letters_twice, scenes.silent_leader, Fault.DUPLICATES),
    Plant("journal_has_gaps", ledger.journal_has_gaps, scenes.calm, Fault.LIES),
    Plant("keys_are_ignored", ledger.keys_are_ignored, scenes.said_again, Fault.DUPLICATES),
)
PLANTS: Mapping[str, Plant] = {plant.name: plant for plant in _ALL}
