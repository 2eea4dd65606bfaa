"""What the page of an invitation says, in Chinese and in English, under the same names."""

ZH = {
    "invited": "{name}，想请你来负责“{group}”",
    "invited_members": "{count} 人",
    "invited_what": "需要做的不多：有通知时你会收到一个链接，打开后复制文字发到群里，再点“已发送”。随时可以说不做了。",
    "invited_until": "请在此之前答复：",
    "accept": "我愿意",
    "decline": "这次先不了",
    "decline_why": "可以写一句原因（可不填）",
    "decline_send": "告诉他们",
    "accepted": "太好了，谢谢你！",
    "accepted_body": "“{group}”现在由你负责。{center}有通知要发时，你会收到链接。可以关闭本页了。",
    "declined": "已转告，谢谢你的答复",
    "declined_body": "{center}会另找人负责“{group}”。可以关闭本页了。",
}

EN = {
    "invited": "{name}, would you look after “{group}”?",
    "invited_members": "{count} members",
    "invited_what": "It is not much: when there is news you get a link; open it, copy the text into the group and "
    "press Done. You can stop at any time.",
    "invited_until": "Please answer before",
    "accept": "Yes, I will",
    "decline": "Not this time",
    "decline_why": "A reason, if you like",
    "decline_send": "Tell them",
    "accepted": "Wonderful, thank you!",
    "accepted_body": "You look after “{group}” now. When {center} has news for it, you get a link. You can close this "
    "page.",
    "declined": "They have been told. Thank you for answering",
    "declined_body": "{center} will ask somebody else to look after “{group}”. You can close this page.",
}
