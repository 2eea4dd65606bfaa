"""The tiers of a cascade and the quorum alarms of a campaign, on its board."""

ZH = {
    "alarms_title": "完成率提醒",
    "alarm_percent": "{percent}% 的群发好，最晚",
    "alarm_part": "时限的 {percent}%",
    "alarm_waiting": "还没到时间",
    "alarm_reached": "达到了：{done} / {total}",
    "alarm_missed": "没达到：{done} / {total}",
    "tiers_title": "逐级下达",
    "tier_waiting": "等上一级过目",
    "tier_told": "已通知，等他过目",
    "tier_read": "已阅",
    "tier_passed": "没等到，已自动往下发",
    "tier_holds": "等{who}（{branch}）先过目，最晚到",
}

EN = {
    "alarms_title": "Quorum alarms",
    "alarm_percent": "{percent} % of the groups by",
    "alarm_part": "{percent} % of the time",
    "alarm_waiting": "its time has not come",
    "alarm_reached": "reached: {done} of {total}",
    "alarm_missed": "missed: {done} of {total}",
    "tiers_title": "Tier by tier",
    "tier_waiting": "waits for the tier above",
    "tier_told": "told, and has not read it yet",
    "tier_read": "read",
    "tier_passed": "went on without a word",
    "tier_holds": "Waits for {who} ({branch}) to read it first, at the latest until",
}
