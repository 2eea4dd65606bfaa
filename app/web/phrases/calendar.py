"""The calendar."""

ZH = {
    "nav_calendar": "日历",
    "calendar_ways": "翻看日历",
    "calendar_before": "往前",
    "calendar_after": "往后",
    "calendar_today": "今天",
    "calendar_week": "看一周",
    "calendar_one_day": "看一天",
    "calendar_quiet": "免打扰时段（中心当地 22:00–8:00；群自己的时区优先）",
    "calendar_quiet_none": "中心没有设置时区，无法标出免打扰时段",
    "calendar_collisions": "会撞车的任务",
    "calendar_same_groups": "相隔不到一天，{count} 个群会收到两次。",
    "calendar_same_accounts": "同时用一个账号，要轮流发：",
    "calendar_none": "这段时间没有任务",
    "calendar_none_body": "新建任务时选一个发送时间，它就会出现在这里；撞车的任务也会提前指出来。",
    "calendar_free": "没有任务",
    "calendar_day_holds": "{date}：{count} 个任务",
}

EN = {
    "nav_calendar": "Calendar",
    "calendar_ways": "Turn the pages",
    "calendar_before": "Earlier",
    "calendar_after": "Later",
    "calendar_today": "Today",
    "calendar_week": "The week",
    "calendar_one_day": "One day",
    "calendar_quiet": "Quiet hours (22:00–8:00 where the center is; a group's own zone goes first)",
    "calendar_quiet_none": "The center has no time zone, so quiet hours cannot be shown",
    "calendar_collisions": "These get into each other's way",
    "calendar_same_groups": "They begin within a day of each other, and {count} groups hear from both.",
    "calendar_same_accounts": "They take turns, for both need the account",
    "calendar_none": "Nothing goes out in these days",
    "calendar_none_body": "Give a new campaign an hour, and it stands here; so does the warning when two of them meet.",
    "calendar_free": "Nothing",
    "calendar_day_holds": "{date}: {count} campaigns",
}
