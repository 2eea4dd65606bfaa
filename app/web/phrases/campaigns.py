"""Campaigns: their list, and what an operator may do to one."""

ZH = {
    "control_draft": "草稿",
    "control_pending_approval": "待审批",
    "control_scheduled": "已定时",
    "control_running": "进行中",
    "control_paused": "已暂停",
    "control_cancelled": "已取消",
    "control_finished": "已完成",
}

EN = {
    "control_draft": "draft",
    "control_pending_approval": "waits for approval",
    "control_scheduled": "scheduled",
    "control_running": "running",
    "control_paused": "paused",
    "control_cancelled": "cancelled",
    "control_finished": "finished",
}
