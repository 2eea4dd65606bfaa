"""What the leader's page says about his groups' chats and his phone: codes, chats to open, taps without a network."""

ZH = {
    "picture": "要发的图片",
    "picture_ask": "这次要配图：长按图片存到手机，先发图，再发文字。",
    "picture_save": "保存图片",
    "proof_picture": "或者选一张群里的截图（PNG 或 JPEG，最大 2 MB）",
    "picture_shown": "{when} 已收到截图",
    "picture_add": "补一张截图",
    "picture_better": "换一张截图",
    "picture_choose": "群里的截图（PNG 或 JPEG，最大 2 MB）",
    "picture_send": "交上去",
    "pictures_enough": "这个群的截图已经够了",
    "pictures_enough_body": "每个群最多留 5 张截图，最后交的那张算数。还有问题，请直接问一下负责人。",
    "picture_unsent": "暂时没有网络，图片还没有交上去。联网后请再点一次。",
    "not_a_picture": "这张图片用不了",
    "not_a_picture_body": (
        "请返回任务页，选一张完整的 PNG 或 JPEG 图片（普通截图就可以，不要太长的拼图），或者填一句话，再提交一次。"
    ),
    "picture_too_large": "这张图片太大了",
    "picture_too_large_body": "图片最大 2 MB。请返回任务页，换一张手机截图，或者填一句话，再提交一次。",
    "code": "发出后，请看群里那条消息的最后一行，填上 4 位核对码",
    "code_by_hand": "粘贴到群里后，请把最后一行的“••••”换成 {code}。",
    "ask_in_task": "{leader}，这些群请在企业微信里点“发送”，不用复制。",
    "in_task": (
        "企业微信已经请你发这一条：打开企业微信里的群发通知，点“发送”就行。"
        "发出后这里会自动变成已发送，不要再复制去群里，免得发两遍。"
    ),
    "code_spent": "核对码已试错 5 次，请问一下负责人。确实发了的话，直接点“已发送”，会记为口头确认。",
    "wrong_code": "核对码不对",
    "wrong_code_body": "请到这个群里看那条消息的最后一行，确认没有贴错群，再填一次。每个群最多试 5 次。",
    "open_chat": "打开群聊",
    "waits": "暂时没有网络。你点的已记在这台手机上，联网后会自动提交；请先别关这一页。",
    "not_yours": "这个群现在不归你发了",
    "not_yours_body": "已改由别人负责，这一步不用记录。请返回任务页看最新情况。",
}

EN = {
    "picture": "The picture to post",
    "picture_ask": "A picture goes with it: press and hold to save it, post it first, then the text.",
    "picture_save": "Save the picture",
    "proof_picture": "Or a screenshot of the group (PNG or JPEG, 2 MB at most)",
    "picture_shown": "Picture received {when}",
    "picture_add": "Add a picture",
    "picture_better": "Hand in a better picture",
    "picture_choose": "A screenshot of the group (PNG or JPEG, 2 MB at most)",
    "picture_send": "Hand it in",
    "pictures_enough": "There are enough pictures of this group",
    "pictures_enough_body": "Five pictures are kept of a group, and the last one counts. "
    "If it still is not the right one, ask your head.",
    "picture_unsent": "No network right now, so the picture was not sent. Press once more when you are back.",
    "not_a_picture": "This picture cannot be used",
    "not_a_picture_body": (
        "Go back and choose a whole PNG or JPEG picture (a plain screenshot will do, not a very long one), "
        "or write a few words, and press again."
    ),
    "picture_too_large": "This picture is too large",
    "picture_too_large_body": "A picture has at most 2 MB. Go back and choose a screenshot instead, "
    "or write a few words, and press again.",
    "code": "Once posted: the 4-letter code in the last line of the message in the group",
    "code_by_hand": "After pasting, put {code} in the place of “••••” in the last line.",
    "ask_in_task": "{leader}, please press send for these groups in WeCom itself; there is nothing to copy.",
    "in_task": (
        "WeCom has asked you to send this: open its mass-send notice and press Send. This page then turns to done "
        "by itself; do not paste the text as well, or it stands there twice."
    ),
    "code_spent": "Five wrong codes: please ask your head. If it is posted, press Done; it counts as your word alone.",
    "wrong_code": "This is not the code",
    "wrong_code_body": "Look at the last line of the message in this very group, and whether it is the right group. "
    "Each group allows five tries.",
    "open_chat": "Open chat",
    "waits": "No network right now. Your tap is kept on this phone and is sent once you are back; "
    "please leave this page open.",
    "not_yours": "This group is not yours any more",
    "not_yours_body": "Somebody else answers for it now, so nothing was recorded. Go back to see how things stand.",
}
