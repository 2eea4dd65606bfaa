"""Every page of the operator's, for `main` to serve."""

from fastapi import APIRouter

from app.web import (
    absences,
    accounts,
    assignments,
    board,
    board_acts,
    board_ledger,
    board_step_in,
    board_stream,
    control,
    doors,
    groups,
    house,
    imports,
    launching,
    leaders,
    library,
    new_campaign,
    today,
    tree,
)

ROUTERS: tuple[APIRouter, ...] = (
    doors.router,
    today.router,
    control.router,
    new_campaign.router,
    launching.router,
    library.router,
    board_stream.router,
    board.router,
    board_ledger.router,
    board_acts.router,
    board_step_in.router,
    groups.router,
    imports.router,
    leaders.router,
    absences.router,
    assignments.router,
    tree.router,
    accounts.router,
    house.router,
)
