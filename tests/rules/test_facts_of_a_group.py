"""A plan takes a group's columns by their places: whoever reads groups for it gives them in its order."""

from app.domain.campaigns.tables import CampaignGroup
from app.domain.directory import store as directory
from app.domain.planning.rules import Target
from app.flows.brief import Facts


def test_every_reader_of_groups_gives_their_facts_in_the_same_order() -> None:
    audience = directory.audience("ctr_1", branches=(), tags=(), groups=(), exclude=())
    assert tuple(audience.subquery().c.keys()) == Facts._fields
    assert tuple(name for name in CampaignGroup.model_fields if name != "campaign_id") == Facts._fields
    assert Target._fields[: len(Facts._fields)] == Facts._fields
