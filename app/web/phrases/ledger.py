"""The reasons the ledger gives, in words an operator reads. The key is the reason itself, as the ledger has it."""

ZH = {
    "reason_travelling": "出门在外",
    "reason_not_in_group": "负责人不在群里",
    "reason_group_dissolved": "群已解散",
    "reason_text_wrong": "文字有问题",
    "reason_other": "其他原因",
    "reason_no_route": "没有可用的渠道",
    "reason_no_account": "没有发送账号",
    "reason_no_leader": "没有负责人",
    "reason_too_long": "文字超过平台长度",
    "reason_not_posted_in_time": "没能在截止前发出",
    "reason_the_campaign_is_paused": "任务已暂停",
    "reason_the_campaign_was_cancelled": "任务已取消",
    "reason_the_kill_switch_of_this_center_is_on": "总开关已关闭",
}

EN = {
    "reason_travelling": "travelling",
    "reason_not_in_group": "the leader is not in the group",
    "reason_group_dissolved": "the group is gone",
    "reason_text_wrong": "something is wrong with the text",
    "reason_other": "another reason",
    "reason_no_route": "no way into the group",
    "reason_no_account": "no account to post from",
    "reason_no_leader": "no leader",
    "reason_too_long": "too long for its platform",
    "reason_not_posted_in_time": "not posted in time",
    "reason_the_campaign_is_paused": "the campaign is paused",
    "reason_the_campaign_was_cancelled": "the campaign was cancelled",
    "reason_the_kill_switch_of_this_center_is_on": "the kill switch is on",
}
