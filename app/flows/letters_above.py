"""What those hear who stand above the leaders of groups: whoever leads a branch, and the head. The places are those of
`letters`, and the facts that each letter names besides."""

WORDS_ABOVE = {
    ("briefing", "zh"): (
        "{leader}，您好！「{title}」即将在您负责的分支发出：共 {count} 个群、{leaders} 位负责人。\n{groups}\n"
        "请先点开链接过目，再点“已阅”，下面的负责人才会收到任务；"
        "到 {until} 还没点，任务会自动往下发：\n{link}/branch"
    ),
    ("briefing", "en"): (
        "Hello {leader}, “{title}” is about to go out in your branch: {count} groups, {leaders} leaders.\n{groups}\n"
        "Please look at it and press “I have read it”; only then are the leaders beneath you asked, "
        "or at {until} by itself:\n{link}/branch"
    ),
    ("briefing_own", "zh"): (
        "{leader}，您好！「{title}」即将在您负责的分支发出：共 {count} 个群、{leaders} 位负责人，"
        "其中 {own} 个群由您自己转发。\n{groups}\n"
        "请先点开链接过目，再点“已阅”，下面的负责人才会收到任务；"
        "到 {until} 还没点，任务会自动往下发：\n{link}/branch"
    ),
    ("briefing_own", "en"): (
        "Hello {leader}, “{title}” is about to go out in your branch: {count} groups, {leaders} leaders; "
        "{own} of the groups are yours to post in.\n{groups}\n"
        "Please look at it and press “I have read it”; only then are the leaders beneath you asked, "
        "or at {until} by itself:\n{link}/branch"
    ),
    ("briefing_nudge", "zh"): (
        "{leader}，提醒一下：「{title}」还在等您过目，"
        "您负责的分支里有 {count} 个群、{leaders} 位负责人等着：\n{groups}\n"
        "请点开链接看一下，再点“已阅”；到 {until} 还没点，任务会自动往下发：\n{link}/branch"
    ),
    ("briefing_nudge", "en"): (
        "{leader}, a reminder: “{title}” is still waiting for you; {count} groups and {leaders} leaders in your branch "
        "wait with it:\n{groups}\n"
        "Please look at it and press “I have read it”; at {until} it goes on by itself:\n{link}/branch"
    ),
    ("quorum", "zh"): (
        "{leader}，「{title}」到 {at} 应有 {percent}% 的群发好，实际 {done} / {total}。还没发好的群：\n{groups}\n"
        "名单和跟进的人：\n{where}"
    ),
    ("quorum", "en"): (
        "{leader}, “{title}” was to stand in {percent} % of the groups by {at}; it stood in {done} of {total}. "
        "Still missing:\n{groups}\nThe list, and who is on it:\n{where}"
    ),
    ("quorum_branch", "zh"): (
        "{leader}，「{title}」在“{branch}”到 {at} 应有 {percent}% 的群发好，实际 {done} / {total}。"
        "还没发好的群：\n{groups}\n"
        "名单和跟进的人：\n{where}"
    ),
    ("quorum_branch", "en"): (
        "{leader}, in {branch} “{title}” was to stand in {percent} % of the groups by {at}; "
        "it stood in {done} of {total}. Still missing:\n{groups}\nThe list, and who is on it:\n{where}"
    ),
    ("orphaned", "zh"): (
        "{leader}，「{title}」有 {count} 个群没人负责了：\n{groups}\n请给这些群指定负责人，或自己转发：\n{where}"
    ),
    ("orphaned", "en"): (
        "{leader}, nobody answers any more for these groups of “{title}” ({count}):\n{groups}\n"
        "Please name a leader for them, or post it yourself:\n{where}"
    ),
}
