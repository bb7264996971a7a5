"""Cases of `_next`: protocol classes of open redirects, one by one."""

TARGETS = ['https://app.example', 'https://shop.example:8443', '/thanks', '/a/b']

ALLOWED = [
    *['/thanks', '/thanks/', '/thanks/x', '/thanks?x=1', '/thanks#y', '/thanks?/../x', '/thanks#/../x', '/thanks//x', '/thanks/x.html', '/thanks/...'],
    *['/a/b', '/a/b/c', '/a/b?x', '/thanks/%2f', '/thanks/%41', '/thanks/a:b', '/thanks/@', '/thanks?//evil.example', '/thanks/.x', '/thanks/x.'],
    *['https://app.example', 'https://app.example/', 'https://app.example/x/y?z#w', 'https://app.example?x', 'https://app.example#x'],
    *['https://app.example/../x', 'https://app.example//evil.example', 'https://app.example/@evil.example', 'https://app.example/%2f%2fevil'],
    *['https://shop.example:8443', 'https://shop.example:8443/x', 'https://app.example/?u=https://evil.example', "https://app.example/a'b(c)!*~"],
]

IGNORED = [
    *['thanks', '', '/', '/thank', '/thanksx', '/thanks%2f', '/Thanks', '/a', '/a/', '/a/bc', '/b', '/x/thanks', '/%74hanks', './thanks', '../thanks', '?x', '#x'],
    *['/thanks/..', '/thanks/../x', '/thanks/../../x', '/thanks/.', '/thanks/./x', '/thanks/%2e', '/thanks/%2E%2e/x', '/thanks/.%2e', '/thanks/%2e./x', '/../thanks', '/./thanks'],
    *['//evil.example', '//evil.example/thanks', '///evil.example', '////evil', '/\\evil', '\\\\evil', '\\evil', '/\\/evil', '\\/evil', '/thanks\\x', '/thanks/\\..\\x', '//thanks', '/\\thanks'],
    *['/%2fevil', '/%2Fevil', '/%2f%2fevil', '/%5cevil', '/%5Cevil', '/%2F/thanks', '/%5c%5cevil'],
    *['https:evil', 'https:/evil', 'https:///evil', 'https:app.example', 'https:/app.example', 'https:///app.example', 'https:\\\\app.example', 'https:/\\app.example', 'https:thanks'],
    *['javascript:alert(1)', 'JavaScript:alert(1)', 'java\tscript:alert(1)', 'data:text/html,x', 'vbscript:x', 'blob:https://app.example/x', 'filesystem:https://app.example/x', 'mailto:a@app.example', 'file:///etc/passwd', 'about:blank', 'view-source:https://app.example'],
    *['ht\ttps://app.example', 'https://app.exa\tmple', ' https://app.example', 'https://app.example ', '\x01https://app.example', '\x1fhttps://app.example', '\t/thanks', ' /thanks', '/thanks x', '/\t/evil.example', '/thanks\t', '\x0b/thanks', '\xa0/thanks', '\ufeff/thanks'],
    *['http://app.example', 'HTTPS://app.example', 'https://APP.example', 'https://app.example.', 'https://app.example./', 'https://app.example:443', 'https://app.example:443/', 'https://app.example:8443', 'https://app.example:', 'https://shop.example', 'https://shop.example:84430', 'https://shop.example:8443.evil.example', 'https://shop.example:08443'],
    *['https://good@app.example', 'https://app.example@evil.example', 'https://app.example:x@evil.example', 'https://app.example%40evil.example', 'https://user:pw@app.example', 'https://@app.example', 'https://:@app.example'],
    *['https://app.example.evil.example', 'https://app.exampleevil.example', 'https://evil.example/https://app.example', 'https://evil.example#https://app.example', 'https://evil.example?https://app.example', 'https://app.example%00.evil.example', 'https://app.example%2eevil', 'https://app.example\\evil', 'https://app.example\\@evil.example', 'https://app.example;evil', 'https://app.example,evil', 'https://app.example&x', 'https://app.example%2f', 'https://app.example%23@evil'],
    *['https://xn--pp-8ja.example', 'https://äpp.example', 'https://аpp.example', 'https://app。example', 'https://app．example', 'https://app.example/é', '/thanks/é', '/thänks', 'https://ａpp.example', 'https://app\xad.example', 'https://app.example\u2028'],
    *['wss://app.example', 'ftp://app.example', 'https//app.example', 'https;//app.example', 'httpss://app.example', '//app.example', '//app.example/x', '@app.example', 'app.example', 'https://[::1]', 'https://0x7f.1', '/thanks\x7f', '/thanks/\x80'],
    '/thanks' + 'x' * 16000,
]


def add(table, form):
    for text in ALLOWED:
        table.add(f'_next {text!a}', {'next': text}, form(_next=text))
    for text in IGNORED:
        table.add(f'no _next {text[:60]!a}', {'next': None}, form(_next=text))
    for text in ('/thanks\r\nLocation: //evil', '/thanks\n', '\r\n/thanks', 'https://app.example/\r\nSet-Cookie: a=b', 'java\nscript:x', '/\n/evil.example'):
        table.add(f'bad _next {text!a}', 'next_invalid', form(_next=text))
    table.add("bad _next with NUL", 'nul_character', form(_next='/thanks\0'))
