"""What an app's errors mean for the ledger, and how they are told. Platform facts: platforms.md, section 5b."""

from collections.abc import Mapping
from dataclasses import replace

from app.channels.port import Outcome, Verdict

V = Verdict

_GONE = (
    "channel_not_found not_in_channel is_archived restricted_action ekm_access_denied team_access_not_granted "
    "message_limit_exceeded messages_tab_disabled"
)
_CREDENTIAL = (
    "not_authed invalid_auth account_inactive token_revoked token_expired missing_scope no_permission "
    "org_login_required not_allowed_token_type access_denied accesslimited two_factor_setup_required"
)
_CONTENT = (
    "no_text msg_too_long msg_blocks_too_long invalid_blocks invalid_blocks_format too_many_attachments "
    "invalid_arguments invalid_charset invalid_post_type cant_delete_message cant_update_message "
    "edit_window_closed compliance_exports_prevent_deletion bad_timestamp not_pinnable "
    "permission_denied metadata_too_large invalid_metadata_format metadata_must_be_sent_from_app"
)
_LATER = "service_unavailable request_timeout team_added_to_org"
_DOUBT = "internal_error fatal_error"  # documented: part of the operation may have succeeded

VERDICTS: Mapping[str, Verdict] = {
    **dict.fromkeys(_GONE.split(), V.TARGET_GONE),
    **dict.fromkeys(_CREDENTIAL.split(), V.CREDENTIAL_REFUSED),
    **dict.fromkeys(_CONTENT.split(), V.CONTENT_REFUSED),
    **dict.fromkeys(_LATER.split(), V.NOT_SENT),
    **dict.fromkeys(_DOUBT.split(), V.AMBIGUOUS),
}
WORDS: Mapping[Verdict, str] = {
    V.TARGET_GONE: "The app cannot post in this channel",
    V.CREDENTIAL_REFUSED: "Slack does not accept this app's token, or it may not do this",
    V.CONTENT_REFUSED: "Slack will not do this with the message",
    V.NOT_SENT: "Slack is busy and did nothing with the message",
    V.AMBIGUOUS: "Slack broke down over the message and may have done its part",
}


def without_scope(outcome: Outcome) -> Outcome:
    """What a refusal means where it was for a scope of its own that was asked: an app without it posts all the same."""
    if outcome.code != "missing_scope":
        return outcome
    detail = "Slack does not let this app do this: its token lacks the scope (missing_scope)."
    return replace(outcome, verdict=V.CONTENT_REFUSED, detail=detail)
