"""Processes that fall at a chosen step. They are the real worker and the real API with a brittle database and a brittle
line handed to them in their Kit; nothing in `app` knows of it.

The steps of one delivery, in order:

| point | what has happened |
|---|---|
| `before_claim` | something is due; the transaction that may take it has not begun |
| `claim_uncommitted` | it was taken in a transaction that is not committed yet |
| `claim_committed` | `sending` is durable; nothing was said |
| `before_request` | its request is about to leave |
| `after_answer` | the platform's yes was read; nothing is written down |
| `before_record` | an answer was heard; the transaction that may write it down has not begun |
| `record_uncommitted` | the outcome was written in a transaction that is not committed yet |
| `record_committed` | the outcome is durable |
| `plan_uncommitted`, `plan_committed` | the same for a batch of a plan: the relays of its groups |
| `draft_uncommitted`, `draft_committed` | the same for a campaign drafted by the API |
"""
