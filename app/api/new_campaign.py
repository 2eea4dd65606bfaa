"""What a request for a campaign may say."""

from typing import Annotated

from pydantic import AwareDatetime, Field, model_validator

from app.api.audiences import ChosenAudience
from app.api.policies import EscalationBody, QuorumBody
from app.api.shapes import Body, Flag, Seconds
from app.core.errors import Invalid
from app.core.markdown import Format
from app.core.text import Line, Message, Name
from app.domain.campaigns import rules
from app.domain.campaigns.states import Cascade, Priority, Proof, RouteChoice
from app.domain.escalation.rules import DEFAULT, INCIDENT, stamp
from app.domain.quorum import rules as quorum
from app.domain.quorum.rules import MOST_ALARMS

Minutes = Annotated[float, Field(strict=True, le=31 * 24 * 60)]


class ScriptChoice(Body):
    slug: Annotated[Line, Field(min_length=1, max_length=100)]
    version: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)] | None = None
    variables: dict[Annotated[Line, Field(max_length=64)], Annotated[Message, Field(max_length=2_000)]] = Field(
        default_factory=dict, max_length=50
    )


class PacingBody(Body):
    """The pause between two posts of one account, in seconds."""

    min_gap_s: Seconds
    max_gap_s: Seconds

    @model_validator(mode="after")
    def _in_order(self) -> "PacingBody":
        if self.min_gap_s > self.max_gap_s:
            raise ValueError("min_gap_s is larger than max_gap_s")
        return self


class NewCampaign(Body):
    """Exactly one of `body` and `script`. Without a `format` the script's own goes, else plain. `picture` is the id of
    one that was kept by `POST /pictures`, and goes out with the words wherever a platform takes it. With `pin` they
    stay on top, where a platform lets accounts pin. `proof` says what `proof_percent` of the groups are asked for;
    where it is a code, that is all of them unless told otherwise."""

    title: Name
    body: Message | None = None
    script: ScriptChoice | None = None
    audience: ChosenAudience = Field(default_factory=ChosenAudience)
    route: RouteChoice = RouteChoice.AUTO
    send_at: AwareDatetime | None = None
    window_minutes: Annotated[Minutes, Field(ge=0)] = 0
    relay_minutes: Annotated[Minutes, Field(ge=0.1)]
    pacing: PacingBody | None = None
    escalation: EscalationBody | None = None
    priority: Priority = Priority.NORMAL
    drill: Flag = False
    mention_all: Flag = False
    pin: Flag = False
    split: Flag = True
    format: Format | None = None
    picture: Annotated[Line, Field(min_length=1, max_length=64)] | None = None
    approval: Flag = False
    proof: Proof = Proof.WORDS
    proof_percent: Annotated[int, Field(strict=True, ge=0, le=100)] | None = None
    cascade: Cascade = Cascade.AT_ONCE
    quorum: list[QuorumBody] = Field(default_factory=list, max_length=MOST_ALARMS)

    def draft(self) -> rules.Draft:
        """Raises Invalid for what the shape alone cannot refuse."""
        if (self.body is None) == (self.script is None):
            raise Invalid.field("/body", "Give either body or script.", code="body_or_script")
        if self.drill:
            raise Invalid.field("/drill", "This version cannot run drills.", code="drill_not_available")
        self.audience.sound()
        pacing = self.pacing or PacingBody(min_gap_s=rules.MIN_GAP_S, max_gap_s=rules.MAX_GAP_S)
        usual = INCIDENT if self.priority is Priority.INCIDENT else DEFAULT
        steps = self.escalation.policy() if self.escalation else usual
        return rules.Draft(
            title=self.title,
            texts={"": self.body} if self.body is not None else {},
            variables=self.script.variables if self.script else {},
            script_slug=self.script.slug if self.script else None,
            script_version=self.script.version if self.script else None,
            audience=rules.Audience(**self.audience.model_dump(exclude={"saved"})),
            route=self.route,
            priority=self.priority,
            send_at=self.send_at,
            window_minutes=self.window_minutes,
            relay_minutes=self.relay_minutes,
            min_gap_s=pacing.min_gap_s,
            max_gap_s=pacing.max_gap_s,
            escalation=stamp(steps),
            drill=False,
            mention_all=self.mention_all,
            pin=self.pin,
            split=self.split,
            format=self.format,
            picture_id=self.picture,
            needs_approval=self.approval,
            proof=self.proof,
            proof_percent=self.share,
            cascade=self.cascade,
            quorum=quorum.stamp([one.ask(place) for place, one in enumerate(self.quorum)]),
        )

    @property
    def share(self) -> int:
        """In how many groups of a hundred a proof is asked for: where it is a code, in all unless told otherwise."""
        if self.proof_percent is None:
            return 100 if self.proof is Proof.CODE else 0
        return self.proof_percent
