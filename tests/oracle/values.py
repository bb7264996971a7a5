"""The values of tests/vectors, read by a reader of their own.

A value is a tuple (kind, content); text is bytes until it is made well-formed.
"""

import re

ESCAPES = {'n': b'\n', 't': b'\t'}


class Line:
    """What is left of a line."""

    def __init__(self, text):
        self.text = text
        self.at = 0

    def space(self):
        while self.text[self.at : self.at + 1] == ' ':
            self.at += 1

    def peek(self):
        self.space()
        return self.text[self.at : self.at + 1]

    def take(self, char):
        if self.peek() != char:
            return False
        self.at += 1
        return True

    def need(self, char):
        if not self.take(char):
            raise ValueError(f'no {char!r} in {self.text!r} at {self.at}')

    def word(self):
        self.space()
        match = re.compile(r'[^\s,:\]}]+').match(self.text, self.at)
        if not match:
            return ''
        self.at = match.end()
        return match.group()

    def number(self):
        return float(self.word())


def surrogate(code):
    """UTF-8 of any number, as hosts without checks would write it."""
    return chr(code).encode('utf-8', 'surrogatepass')


def escape(line):
    char = line.text[line.at]
    line.at += 1
    if char == 'x':
        line.at += 2
        return bytes([int(line.text[line.at - 2 : line.at], 16)])
    if char == 'u':
        end = line.text.index('}', line.at)
        code = int(line.text[line.at + 1 : end], 16)
        line.at = end + 1
        return surrogate(code)
    return ESCAPES.get(char, char.encode())


def string(line):
    line.need('"')
    out = b''
    while line.text[line.at] != '"':
        char = line.text[line.at]
        line.at += 1
        out += escape(line) if char == '\\' else char.encode()
    line.at += 1
    if line.text[line.at : line.at + 1] == '*':
        line.at += 1
        out *= int(line.word())
    return out


def entries(line):
    """[(key, value), ...] with all duplicates."""
    out = []
    line.need('{')
    while not line.take('}'):
        if out:
            line.need(',')
        key = string(line)
        line.need(':')
        out.append((key, value(line)))
    return out


def array(line):
    out = []
    line.need('[')
    while not line.take(']'):
        if out:
            line.need(',')
        out.append(value(line))
    return out


def number(word):
    if re.search(r'[.eN]|Inf', word):
        return ('double', float(word))
    return ('int', int(word))


def value(line):
    first = line.peek()
    if first == '"':
        return ('string', string(line))
    if first == '[':
        return ('array', array(line))
    if first == '{':
        return ('map', entries(line))
    if first == '<':
        end = line.text.index('>', line.at)
        data = bytes.fromhex(line.text[line.at + 1 : end])
        line.at = end + 1
        return ('bytes', data)
    word = line.word()
    if word == 'null':
        return ('null', None)
    if word in ('true', 'false'):
        return ('bool', word == 'true')
    return number(word)
