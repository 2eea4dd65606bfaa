"""What is said of tasks: owners of groups whom their platform asks to send something."""

ZH = {
    "reason_no_owner": "排第一的负责人没有企业微信账号",
    "reason_no_quota": "这段时间能收的群发已经用完",
    "reason_no_account_can_have_its_owner_asked": "没有能请群主发送的账号",
    "reason_its_leader_is_nobody_whom_its_platform_knows_as_the_owner": "负责人没有企业微信账号，没法请群主发",
    "reason_it_has_had_all_the_mass_messages_it_may_get_for_now": "这段时间能收的群发已经用完",
    "reason_its_platform_says_that_it_is_no_group_of_this_owner_s": "企业微信说这不是这位群主的客户群",
    "reason_wecom_did_not_send_it_this_is_not_a_customer_group_of_the_owner_s_any_more": (
        "企业微信没发：已不是这位群主的客户群"
    ),
    "reason_wecom_did_not_send_it_this_group_has_had_all_the_mass_messages_it_may_get_for_now": (
        "企业微信没发：这个群能收的群发已经用完"
    ),
    "reason_the_campaign_is_held_or_was_cancelled": "任务已暂停或取消",
    "reason_nothing_in_it_waits_for_him_any_more": "已经没有群要他发了",
    "reason_the_task_was_withdrawn_its_owner_is_asked_anew_when_the_campaign_goes_on": (
        "群发任务已收回；任务继续后会重新请群主发"
    ),
    "reason_not_reminded_its_platform_lets_through_three_reminders_in_24_hours": "没提醒：平台 24 小时内最多提醒 3 次",
    "spoken_asked_by_platform": "企业微信已请{who}发送",
    "spoken_sent_by_owner": "企业微信说{who}已经发送",
    "spoken_asked_unknown": "不知道企业微信有没有请到群主",
    "spoken_by_link": "{why}；已改用链接请负责人转发",
    "spoken_not_asked": "企业微信没有请群主发送（{words}）",
    "spoken_task_withdrawn": "收回群主的群发任务：{why}",
    "spoken_task_kept": "群发任务没能收回（{words}），群主仍可能发出",
}

EN = {
    "reason_no_owner": "its leader has no WeCom userid",
    "reason_no_quota": "it has had all the mass messages it may get for now",
    "reason_no_account_can_have_its_owner_asked": "no account can have its owner asked",
    "reason_its_leader_is_nobody_whom_its_platform_knows_as_the_owner": "its leader has no WeCom userid",
    "reason_it_has_had_all_the_mass_messages_it_may_get_for_now": "it has had all the mass messages it may get for now",
    "reason_its_platform_says_that_it_is_no_group_of_this_owner_s": "WeCom says that it is no group of this owner's",
    "reason_wecom_did_not_send_it_this_is_not_a_customer_group_of_the_owner_s_any_more": (
        "WeCom did not send it: no customer group of this owner's any more"
    ),
    "reason_wecom_did_not_send_it_this_group_has_had_all_the_mass_messages_it_may_get_for_now": (
        "WeCom did not send it: the group has had all the mass messages it may get for now"
    ),
    "reason_the_campaign_is_held_or_was_cancelled": "the campaign is held or was cancelled",
    "reason_nothing_in_it_waits_for_him_any_more": "nothing in it waits for him any more",
    "reason_the_task_was_withdrawn_its_owner_is_asked_anew_when_the_campaign_goes_on": (
        "the task was withdrawn; its owner is asked anew when the campaign goes on"
    ),
    "reason_not_reminded_its_platform_lets_through_three_reminders_in_24_hours": (
        "not reminded: WeCom lets through three reminders in 24 hours"
    ),
    "spoken_asked_by_platform": "WeCom asked {who} to send it",
    "spoken_sent_by_owner": "WeCom says that {who} sent it",
    "spoken_asked_unknown": "nobody can know whether WeCom asked the owner",
    "spoken_by_link": "{why}; its leader is asked by link",
    "spoken_not_asked": "WeCom did not ask its owner ({words})",
    "spoken_task_withdrawn": "the task is withdrawn from its owner: {why}",
    "spoken_task_kept": "the task could not be withdrawn ({words}): its owner may still send it",
}
