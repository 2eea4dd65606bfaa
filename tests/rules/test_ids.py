"""Identifiers that say where they belong."""

from app.core import ids

GROUPS = sorted(ids.many("grp", 200))


def test_the_ids_of_a_campaign_lie_together_in_their_groups_order() -> None:
    mine = [ids.within("rel", "cmp_1", group) for group in GROUPS]
    theirs = [ids.within("rel", "cmp_2", group) for group in GROUPS]
    assert mine == sorted(mine)
    both = sorted(mine + theirs)
    assert both in (mine + theirs, theirs + mine)


def test_the_same_parts_always_make_the_same_id_and_others_another() -> None:
    assert ids.within("dlv", "cmp_1", GROUPS[0]) == ids.within("dlv", "cmp_1", GROUPS[0])
    assert len({ids.within("dlv", f"cmp_{number}", group) for number in range(50) for group in GROUPS}) == 10_000


def test_what_belongs_to_something_lies_beside_it() -> None:
    owner = ids.within("dlv", "cmp_1", GROUPS[0])
    attempts = [ids.after("att", owner, str(fence), "200") for fence in range(20)]
    assert len(set(attempts)) == 20
    assert all(one.startswith(owner.replace("dlv_", "att_")) for one in attempts)
