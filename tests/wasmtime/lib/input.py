"""Runs a program on an input that fails or that is not ready: input.py KIND
PROGRAM [ARGUMENT...]. Its input is one whole line and the begin of another,
then, by KIND: `fails`, an error of reading; `waits`, the rest of it, after a
read that would have had to wait."""

import os
import subprocess
import sys
import time
import tty

kind, program = sys.argv[1], sys.argv[2:]
# The controlling side of a terminal whose other side is closed: EIO.
ours, theirs = os.openpty() if kind == "fails" else os.pipe()
if kind == "fails":
    tty.setraw(theirs)
else:
    os.set_blocking(ours, False)
child = subprocess.Popen(program, stdin=ours)
os.close(ours)
os.write(theirs, b'{"verdict":"accept","id":1}\n{"verdict":"accept",')
time.sleep(0.3)
if kind == "waits":
    os.write(theirs, b'"id":2}\n')
os.close(theirs)
sys.exit(child.wait())
