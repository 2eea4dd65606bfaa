"""What is done to the directory, and the two things only a sender may ask: a group's whole address, a leader's whole
contact."""

from app.domain.directory.service.boxes import whole_address, whole_contact

__all__ = ["whole_address", "whole_contact"]
