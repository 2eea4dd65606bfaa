"""Pictures of a campaign: how it went over time."""

ZH = {
    "timeline": "计划与实际",
    "timeline_desc": "到现在有 {had} / {total} 个群收到，按截止时间应有 {awaited} 个。"
    "实线在底色带里就是按计划；落到点线以下就是晚了。",
    "timeline_none": "还没有时间线",
    "timeline_none_body": "任务启动并安排好以后，这里画出计划和实际送达的进度。",
    "curve_done": "已送达",
    "curve_begun": "计划开始",
    "curve_due": "应当送达",
    "curve_now": "现在",
    "as_numbers": "看数字",
    "col_time": "时间",
    "lane_rests": "中间休息：",
}

EN = {
    "timeline": "Plan against actual",
    "timeline_desc": "{had} of {total} groups have it now; by their deadlines {awaited} should. The solid line runs "
    "inside the shaded band while all goes to plan, and below the dotted line where groups are late.",
    "timeline_none": "No timeline yet",
    "timeline_none_body": "Once the campaign is launched and planned, the plan and what really arrived are drawn here.",
    "curve_done": "have it",
    "curve_begun": "planned to begin",
    "curve_due": "due",
    "curve_now": "now",
    "as_numbers": "The same in numbers",
    "col_time": "Time",
    "lane_rests": "Rests",
}
