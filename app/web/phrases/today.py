"""Today: what runs, what went wrong, what comes next."""

ZH = {
    "attention": "需要你处理",
    "all_well": "一切正常：没有错过的群，也没有结果不明的消息。",
    "today_missing": "{count} 个群还没收到：",
    "today_unsure": "{count} 条消息结果不明，请进群看一眼再确认：",
    "today_broken": "账号被平台拒绝，已停用：",
    "today_quorum": "应有 {percent}% 的群发好，只有 {done} / {total}：",
    "today_orphans": "{count} 个群没有负责人",
    "today_running": "进行中",
    "today_nothing": "现在没有进行中的任务",
    "today_nothing_body": "点“新建任务”写好、检查、启动，这里就会显示它走到哪一步。",
    "today_next": "即将开始",
    "today_done": "刚完成",
    "until": "直到",
    "progress": "已送达 {done} / {total} 个群（{percent}%）",
    "last_deadline": "最后截止",
}

EN = {
    "attention": "This needs you",
    "all_well": "All is well: no group missed anything, and no post is uncertain.",
    "today_missing": "{count} groups have not got it:",
    "today_unsure": "{count} posts are uncertain; look into the group and settle them:",
    "today_broken": "Refused by its platform and taken out of use:",
    "today_quorum": "{done} of {total} groups had it, {percent} % were wanted:",
    "today_orphans": "{count} groups nobody answers for",
    "today_running": "Under way",
    "today_nothing": "Nothing is under way",
    "today_nothing_body": "Write a campaign under “New campaign”, look ahead, launch it: here you see how far it is.",
    "today_next": "Coming up",
    "today_done": "Just finished",
    "until": "until",
    "progress": "{done} of {total} groups have it ({percent} %)",
    "last_deadline": "Last deadline",
}
