import assert from "node:assert/strict";
import { benchKernels } from "#bench/kernels.ts";
import { spread } from "#bench/statistics.ts";
import { cli } from "../support/cli.ts";

Deno.test("bench step prints the promised figures as JSON alone, of two runs at once that share batches", async () => {
  const args = ["step", "--no-peer", "--batch", "8", "--steps", "2", "--rounds", "2", "--format", "json"];
  const { code, stdout, stderr } = await cli("bench", [...args, "--runs", "2", "--threads", "2"]);
  assert.equal(code, 0, stderr);
  const figures = JSON.parse(stdout);
  assert.ok(figures.ms_per_step > 0 && figures.evaluation_ms_per_image > 0);
  const { model, batch, backend, steps, threads, runs, peer } = figures;
  assert.deepEqual(
    { model, batch, backend, steps, threads, runs, peer },
    { model: "cnn-small", batch: 8, backend: "wasm", steps: 8, threads: 2, runs: 2, peer: null },
  );
  assert.ok(figures.memory_bytes > 1e6);
});

Deno.test("bench --turbo starts again with the flags, which the device names", async () => {
  const args = ["step", "--turbo", "--no-peer", "--batch", "4", "--steps", "1", "--rounds", "1"];
  const { code, stdout, stderr } = await cli("bench", args);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /turbo: memory unchecked/);
});

Deno.test("bench refuses what it does not know", async () => {
  for (
    const [args, message] of [
      [["steps"], /'steps' is invalid.*Allowed choices are kernels, step, toolkit, startup/],
      [["--model", "cnn-smal"], /'cnn-smal' is invalid.*Allowed choices are cnn-small, cnn/],
      [["--batch", "0"], /whole number from 1/],
    ] as [string[], RegExp][]
  ) {
    const { code, stdout, stderr } = await cli("bench", args);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, message);
  }
});

Deno.test("the kernels' report has each convolution's three kernels, the first without input gradient", () => {
  const { kernels, peak_gflops } = benchKernels("cnn-small", 2, 1);
  assert.ok(peak_gflops > 0);
  const count = (name: string) => kernels.filter(({ kernel }) => kernel === name).length;
  assert.deepEqual(["convolution", "kernel gradient", "input gradient"].map(count), [3, 3, 2]);
  assert.ok(kernels.every(({ ms }) => ms > 0));
});

Deno.test("a spread is the median with the ends", () => {
  assert.deepEqual(spread([3, 1, 2]), { median: 2, low: 1, high: 3 });
  assert.deepEqual(spread([4, 1]), { median: 2.5, low: 1, high: 4 });
  assert.throws(() => spread([]), RangeError);
});
