"""What routes ask for: the Kit of this process, and a caller whose key carries the duty the route declares."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.core.errors import Forbidden, Unauthorized
from app.domain.access import service
from app.domain.access.rules import Caller
from app.domain.access.states import Duty
from app.flows.kit import Kit

_bearer = HTTPBearer(auto_error=False, description="An API key, `mk_…`.")


def kit(request: Request) -> Kit:
    found: Kit = request.app.state.kit
    return found


KitDep = Annotated[Kit, Depends(kit)]


def needs(duty: Duty) -> Callable[..., Coroutine[Any, Any, Caller]]:
    """A dependency that admits callers with this duty. `tests/architecture` finds the duty by its `duty` attribute:
    a route without one fails."""

    async def admitted(
        kit: KitDep, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
    ) -> Caller:
        if credentials is None:
            raise Unauthorized("no_key", "Send an API key as `Authorization: Bearer mk_…`.")
        caller = await service.identify(kit.db, credentials.credentials)
        if caller is None:
            raise Unauthorized("unknown_key", "This API key is unknown or was revoked.")
        if not caller.may(duty):
            raise Forbidden("role_too_small", f"A key with the role {caller.role} may not do this.")
        return caller

    admitted.duty = duty  # type: ignore[attr-defined]
    return admitted


Reader = Annotated[Caller, Depends(needs(Duty.READ))]
Operator = Annotated[Caller, Depends(needs(Duty.OPERATE))]
Approver = Annotated[Caller, Depends(needs(Duty.APPROVE))]
Stopper = Annotated[Caller, Depends(needs(Duty.STOP))]
Owner = Annotated[Caller, Depends(needs(Duty.OWN))]
