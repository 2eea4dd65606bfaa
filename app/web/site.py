"""Every page of the operator's, for `main` to serve."""

from fastapi import APIRouter

from app.web import board, board_acts, board_ledger, board_step_in, board_stream, control, doors, today

ROUTERS: tuple[APIRouter, ...] = (
    doors.router,
    today.router,
    control.router,
    board_stream.router,
    board.router,
    board_ledger.router,
    board_acts.router,
    board_step_in.router,
)
