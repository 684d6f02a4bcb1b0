"""Runs scripts of this folder that use PyTorch, whose import takes seconds: once, for all of them.

Reads lines of JSON, {script, input}, from stdin. Each script runs in a process that is forked from this one, as its main
program, with the input as its stdin. Prints for each a line of JSON, {stdout, error}.
"""

import json
import os
import runpy
import sys
import tempfile
import traceback

import numpy  # noqa: F401
import torch  # noqa: F401

FOLDER = os.path.dirname(os.path.abspath(__file__))


def run(script, given):
    """What the script printed, and the traceback where it failed."""
    with tempfile.TemporaryFile("w+") as stdin, tempfile.TemporaryFile("w+") as stdout, \
            tempfile.TemporaryFile("w+") as stderr:
        stdin.write(given)
        stdin.seek(0)
        child = os.fork()
        if child == 0:
            sys.stdin, sys.stdout = stdin, stdout
            try:
                runpy.run_path(os.path.join(FOLDER, script), run_name="__main__")
                code = 0
            except BaseException:
                stderr.write(traceback.format_exc())
                code = 1
            stdout.flush()
            stderr.flush()
            os._exit(code)
        _, status = os.waitpid(child, 0)
        stdout.seek(0)
        stderr.seek(0)
        return {"stdout": stdout.read(), "error": None if status == 0 else stderr.read() or f"status {status}"}


sys.path.insert(0, FOLDER)
for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps(run(request["script"], request["input"])), flush=True)
