"""The whole schema: imports every table once, so that the metadata migrations compare with is complete."""

from sqlmodel import SQLModel

from app.core.audit import AuditEntry
from app.core.journal import JournalLine
from app.domain.access.tables import ApiKey, Center
from app.domain.accounts.tables import Account
from app.domain.campaigns.tables import Campaign, CampaignGroup, CampaignText, IdempotencyRecord
from app.domain.cascade.tables import Tier
from app.domain.deliveries.tables import Attempt, Delivery, Gate, Lane, ReadBack
from app.domain.directory.tables import (
    Absence,
    Assignment,
    Branch,
    Group,
    GroupTag,
    Headquarters,
    ImportRun,
    Leader,
    SavedAudience,
)
from app.domain.inbox.tables import HeardDay, InboundEvent
from app.domain.invitations.tables import Invitation
from app.domain.links.tables import PersonalCode, Phone, RelayLink, SharedLink
from app.domain.pictures.tables import Picture
from app.domain.pulse.tables import Pulse
from app.domain.quorum.tables import QuorumAlarm
from app.domain.recalls.tables import Recall
from app.domain.relays.tables import Confirmation, Holding, Relay
from app.domain.scripts.tables import Script, ScriptVersion
from app.domain.sessions.tables import SignInLink, WebSession
from app.domain.shards.tables import Shard, Worker
from app.domain.shares.tables import Share
from app.domain.tasks.tables import Task
from app.domain.webhooks.tables import Notice, Try, Webhook, WebhookCursor

TABLES: tuple[type[SQLModel], ...] = (
    Absence,
    Account,
    ApiKey,
    Assignment,
    Attempt,
    AuditEntry,
    Branch,
    Campaign,
    CampaignGroup,
    CampaignText,
    Center,
    Confirmation,
    Delivery,
    Gate,
    Group,
    GroupTag,
    Headquarters,
    HeardDay,
    Holding,
    IdempotencyRecord,
    ImportRun,
    InboundEvent,
    Invitation,
    JournalLine,
    Lane,
    Leader,
    Picture,
    Pulse,
    QuorumAlarm,
    Notice,
    ReadBack,
    Recall,
    Relay,
    PersonalCode,
    Phone,
    RelayLink,
    SavedAudience,
    SharedLink,
    Script,
    ScriptVersion,
    Shard,
    Share,
    SignInLink,
    Task,
    Tier,
    Try,
    WebSession,
    Webhook,
    WebhookCursor,
    Worker,
)

metadata = SQLModel.metadata
