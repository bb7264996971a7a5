"""sonde-edge.wasm under Wasmtime, straight on its exports: what
src/wasm/README.md says of signed identity, and nothing else."""

import pathlib
import re
import struct

import wasmtime

ROOT = pathlib.Path(__file__).parent.parent.parent
MODULE = ROOT / 'dist' / 'edge' / 'sonde-edge.wasm'
FUEL = 10**12


def names(file, pattern):
    return re.findall(pattern, (ROOT / 'src' / file).read_text(), re.M)


OPTIONS = {name: at for at, name in enumerate(names('signed_options.def', r'^SONDE_SIGNED_OPTION\((\w+),'))}
STATUS = {int(number): name for name, number in names('sonde_status.def', r'^SONDE_STATUS\((\w+), (-\d+),')}
RENDERS = ['ok', 'too_fresh', 'stale', 'future', 'invalid', 'missing', 'unverified']


class Status(Exception):
    """A result below 0, by its name."""


class Edge:
    def __init__(self, fuel=False):
        config = wasmtime.Config()
        config.consume_fuel = fuel
        self.engine = wasmtime.Engine(config)
        self.module = wasmtime.Module.from_file(self.engine, str(MODULE))
        self.fuel = fuel

    def start(self, secrets=(), options=None, origins=(), next=()):
        self.store = wasmtime.Store(self.engine)
        if self.fuel:
            self.store.set_fuel(FUEL)
        self.exports = wasmtime.Instance(self.store, self.module, []).exports(self.store)
        self.memory = self.exports['memory']
        initialize = self.exports.get('_initialize')
        if initialize is not None:
            initialize(self.store)
        for name, value in (options or {}).items():
            self.call('signed_option', OPTIONS[name], float(value))
        at = self.call('signed_start')
        self.input, _, self.out, _ = struct.unpack('<4I', self.memory.read(self.store, at, at + 16))
        for call, texts in (('secret', secrets), ('origin', origins), ('next', next)):
            for text in texts:
                self.call(f'signed_{call}', self.put(text.encode()))
        return self

    def call(self, name, *args):
        result = self.exports[name](self.store, *args)
        if result < 0:
            raise Status(STATUS[result])
        return result

    def put(self, *texts):
        data = b''.join(texts)
        self.memory.write(self.store, data, self.input)
        return len(data)

    def get(self, size, at=0):
        return bytes(self.memory.read(self.store, self.out + at, self.out + size))

    def used(self, name, *args):
        """The fuel that a call takes."""
        self.store.set_fuel(FUEL)
        self.exports[name](self.store, *args)
        return FUEL - self.store.get_fuel()

    # --- as sonde_signed.h -----------------------------------------------------

    def seal(self, nonce, id_):
        return self.get(self.call('signed_seal', self.put(nonce, id_)))

    def open(self, token):
        return self.get(self.call('signed_open', self.put(token)))

    def render(self, now):
        return self.get(self.call('signed_render', float(now)))

    def check(self, now, token):
        render = self.call('signed_check', float(now), self.put(token))
        return RENDERS[render], struct.unpack('<d', self.get(8))[0]

    def nonce(self, expiry, random, session, path):
        self.put(random, session, path)
        return self.get(self.call('signed_nonce', float(expiry), len(session), len(path)))

    def nonce_check(self, now, nonce, session, path):
        self.put(nonce, session, path)
        return self.call('signed_nonce_check', float(now), len(nonce), len(session), len(path))

    def verify(self, now, content_type, origin, endpoint, body):
        texts = [content_type, origin or b'', endpoint or b'', body]
        sizes = [len(text) for text in texts]
        if origin is None:
            sizes[1] = 0xFFFFFFFF
        frame = struct.pack('<d4I', now, *sizes) + b''.join(texts)
        used = self.call('signed_verify', self.put(frame + bytes(-len(frame) % 8)))
        return self.get(used, 8).removesuffix(b'\n')

    def lines(self, now, text, first, flags):
        out = b''
        while text:
            used = self.call('signed_lines', float(now), self.put(text), float(first), flags)
            lines, taken = struct.unpack('<2I', self.get(8))
            if taken == 0:
                break
            out += self.get(used, 8)
            text, first = text[taken:], first + lines
        return out
