"""The floor of the confirm endpoint: a FastAPI POST that reads the same words and does nothing."""

import os

import uvicorn
from fastapi import FastAPI

from app.web.said import Said

app = FastAPI()


@app.post("/relays/{relay_id}")
async def tell(relay_id: str, said: Said) -> dict[str, str]:
    return {"id": relay_id, "state": said.action}


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {}


if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["MUSTER_PORT"]), access_log=False, log_config=None)
