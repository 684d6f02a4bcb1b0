"""Runs notebooks headless and writes them with their outputs, as HTML too where nbconvert is installed:

    run.py JOBS NOTEBOOK... OUT_FOLDER

A kernel's `idle` can reach the client before the last output does, and a client that stops listening at `idle` loses
it. So after each cell this one goes on listening until nothing has come for a while. The kernel is warmed up first,
since what it sends before the client has subscribed is lost too.

JOBS notebooks run at a time, each with a kernel of its own. Paths of what was written go to stdout, progress and failures to stderr. Exit code: 0, or 1 where a cell failed.
"""

import asyncio
import os
import queue
import sys
import time
from pathlib import Path

import nbformat
from jupyter_client.utils import ensure_async
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, CellExecutionError, DeadKernelError

QUIET_S = 0.3


class DrainingClient(NotebookClient):
    """Takes outputs of a cell that arrive after its `idle`; passes on what cells print as they print it."""

    def process_message(self, message, cell, cell_index):
        if message["msg_type"] == "stream":
            say(message["content"]["text"].rstrip())
        return super().process_message(message, cell, cell_index)

    async def async_execute_cell(self, cell, cell_index, *args, **kwargs):
        try:
            return await super().async_execute_cell(cell, cell_index, *args, **kwargs)
        finally:
            if cell.cell_type == "code" and self.kc is not None:
                await self.drain(cell, cell_index)

    async def drain(self, cell, cell_index):
        while True:
            try:
                message = await ensure_async(self.kc.iopub_channel.get_msg(timeout=QUIET_S))
            except queue.Empty:
                return
            try:
                self.process_message(message, cell, cell_index)
            except CellExecutionComplete:
                pass

    async def warm_up(self):
        self.kc.execute("0", silent=True)
        await self.drain(nbformat.v4.new_code_cell("0", metadata={"execution": {}}), 0)


async def run(path, folder):
    """Whether every cell ran. Cells after one that failed are left out; the outputs until then are written."""
    notebook = nbformat.read(path, as_version=4)
    client = DrainingClient(
        notebook,
        timeout=None,
        kernel_name="deno",
        # The folder decides which deno.json the kernel finds.
        resources={"metadata": {"path": str(path.parent)}},
    )
    started = time.monotonic()
    failure = None
    code = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    async with client.async_setup_kernel():
        await client.warm_up()
        for number, index in enumerate(code, 1):
            cell = notebook.cells[index]
            say(f"{path.stem}, cell {number} of {len(code)}: {heading(notebook, index)}")
            try:
                await client.async_execute_cell(cell, index, execution_count=number)
            except CellExecutionError as error:
                failure = f"{error.ename}: {error.evalue}"
            except DeadKernelError:
                failure = "its kernel ended"
            if failure is not None:
                say(f"{path.stem}, cell {number} failed: {failure}\n{indented(cell.source)}")
                break
    written = [write(folder / path.name, nbformat.writes(notebook)), *export(notebook, folder / path.stem)]
    print(*written, sep="\n", flush=True)
    outputs = sum(len(cell.get("outputs", [])) for cell in notebook.cells)
    say(f"{path.stem}: {outputs} outputs, {time.monotonic() - started:.1f} s")
    return failure is None


def heading(notebook, index):
    texts = [cell.source for cell in notebook.cells[:index] if cell.cell_type == "markdown"]
    return texts[-1].splitlines()[0].lstrip("# ") if texts else ""


def export(notebook, path):
    try:
        from nbconvert import HTMLExporter
    except ImportError:
        return []
    page, _ = HTMLExporter().from_notebook_node(notebook)
    return [write(path.with_suffix(".html"), page)]


def write(path, text):
    """Beside, then renamed: a reader sees the old file or the new one."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
    return path


def say(text):
    print(text, file=sys.stderr, flush=True)


def indented(text):
    return "\n".join(f"    {line}" for line in text.splitlines())


async def main(jobs, paths, folder):
    folder.mkdir(parents=True, exist_ok=True)
    free = asyncio.Semaphore(jobs)

    async def in_turn(path):
        async with free:
            return await run(Path(path).resolve(), folder)

    succeeded = await asyncio.gather(*map(in_turn, paths))
    return 0 if all(succeeded) else 1


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit("usage: run.py JOBS NOTEBOOK... OUT_FOLDER")
    sys.exit(asyncio.run(main(int(sys.argv[1]), sys.argv[2:-1], Path(sys.argv[-1]))))
