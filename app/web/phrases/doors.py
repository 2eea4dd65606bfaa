"""Signing in."""

ZH = {
    "sign_in": "登录",
    "sign_in_intro": "用你的 API 密钥登录。密钥由中心的所有者发放，以 mk_ 开头；也可以请他发一个一次性登录链接。",
    "api_key": "API 密钥",
    "sign_in_button": "登录",
    "wrong_key": "这个密钥不存在或已被撤销。请检查是否完整复制。",
    "too_many_keys": "错误的密钥太多。请等一分钟再试。",
    "link_title": "一次性登录",
    "link_for": "以“{name}”（{role}）的身份登录 {center}？",
    "link_button": "是，登录",
    "link_gone": "这个登录链接不能用了",
    "link_gone_body": "它可能已用过，或已超过十五分钟。请再要一个，或用密钥登录。",
    "link_instead": "用密钥登录",
    "said_signed_out": "你已退出登录。",
    "said_signed_out_everywhere": "这个密钥在所有设备上都已退出。",
}

EN = {
    "sign_in": "Sign in",
    "sign_in_intro": "Sign in with your API key. The owner of your center gives it out; it begins with mk_. He can "
    "also send you a one-time link.",
    "api_key": "API key",
    "sign_in_button": "Sign in",
    "wrong_key": "This key is unknown or was revoked. See whether you copied all of it.",
    "too_many_keys": "Too many wrong keys. Wait a minute and try again.",
    "link_title": "Sign in once",
    "link_for": "Sign in to {center} as {name} ({role})?",
    "link_button": "Yes, sign in",
    "link_gone": "This sign-in link is of no use any more",
    "link_gone_body": "It was used, or it is older than a quarter of an hour. Ask for another, or sign in with a key.",
    "link_instead": "Sign in with a key",
    "said_signed_out": "You are signed out.",
    "said_signed_out_everywhere": "This key is signed out everywhere.",
}
