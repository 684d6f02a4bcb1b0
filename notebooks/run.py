"""Runs notebooks headless and writes them with their outputs: run.py NOTEBOOK... OUT_FOLDER

A kernel's `idle` can reach the client before the last output does, and a client that stops listening at `idle` loses
it. So after each cell this one goes on listening until nothing has come for a while. The kernel is warmed up first,
since what it sends before the client has subscribed is lost too.
"""

import asyncio
import queue
import sys
import time
from pathlib import Path

import nbformat
from jupyter_client.utils import ensure_async
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, CellExecutionError

QUIET_S = 0.3
TIMEOUT_S = 3600


class DrainingClient(NotebookClient):
    """Takes outputs of a cell that arrive after its `idle`."""

    async def async_execute_cell(self, cell, cell_index, *args, **kwargs):
        try:
            return await super().async_execute_cell(cell, cell_index, *args, **kwargs)
        finally:
            if cell.cell_type == "code":
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
    notebook = nbformat.read(path, as_version=4)
    client = DrainingClient(
        notebook,
        timeout=TIMEOUT_S,
        kernel_name="deno",
        # The folder decides which deno.json the kernel finds.
        resources={"metadata": {"path": str(path.parent)}},
    )
    started = time.monotonic()
    failure = None
    async with client.async_setup_kernel():
        await client.warm_up()
        try:
            for index, cell in enumerate(notebook.cells):
                await client.async_execute_cell(cell, index, execution_count=index + 1)
        except CellExecutionError as error:
            failure = error
    nbformat.write(notebook, folder / path.name)
    outputs = sum(len(cell.get("outputs", [])) for cell in notebook.cells)
    print(f"{path.name}: {outputs} outputs, {time.monotonic() - started:.1f} s", flush=True)
    if failure is not None:
        print(f"{path.name}: {failure}", file=sys.stderr, flush=True)
    return failure is None


async def main(paths, folder):
    folder.mkdir(parents=True, exist_ok=True)
    succeeded = [await run(Path(path).resolve(), folder) for path in paths]
    return 0 if all(succeeded) else 1


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: run.py NOTEBOOK... OUT_FOLDER")
    sys.exit(asyncio.run(main(sys.argv[1:-1], Path(sys.argv[-1]))))
