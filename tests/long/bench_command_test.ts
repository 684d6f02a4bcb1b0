import assert from "node:assert/strict";
import { benchKernels } from "#bench/kernels.ts";
import { spread } from "#bench/statistics.ts";
import { cli } from "../support/cli.ts";
import { inProcess } from "../support/in_process.ts";
import { requires } from "../support/requires.ts";

const vulkan = await requires("vulkan");

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
  assert.ok(figures.processor.ms_per_step.median > 0 && figures.processor.ratio === null);
});

Deno.test("bench --profile shows the parts of a step's time, kernel by kernel", vulkan, async () => {
  const args = ["--profile", "--no-peer", "--batch", "4", "--steps", "2", "--rounds", "1"];
  const { code, stdout, stderr } = await cli("bench", [...args, "--format", "json"]);
  assert.equal(code, 0, stderr);
  const { profile, ms_per_step: step, backend } = JSON.parse(stdout);
  assert.ok(step > 0 && backend === "webgpu");
  const { host_ms, read_ms, ms_per_step, kernel_ms, kernels } = profile;
  assert.ok(host_ms.median > 0 && read_ms.median > 0 && host_ms.median < ms_per_step.median);
  if (kernels === null) return assert.equal(kernel_ms, null);
  const names = kernels.map(({ name }: { name: string }) => name.split(" ")[0]);
  assert.ok(names.includes("conv_forward") && names.includes("gather_batch") && names.includes("sgd"));
  assert.ok(kernel_ms > 0);
  const shared = await inProcess("bench", [...args, "--threads", "2"]);
  assert.equal(shared.code, 2);
  assert.match(shared.stderr, /--threads shares a batch on wasm alone/);
  const text = await cli("bench", args);
  assert.match(text.stdout, /JavaScript, submissions included .* ms .* %/);
  assert.match(text.stdout, /conv_forward 32x32x3→16 .* ms .* % ×1/);
});

Deno.test("bench:turbo measures with the flags, which the device names; bench --turbo says how to start it", async () => {
  const args = ["step", "--turbo", "--no-peer", "--batch", "4", "--steps", "1", "--rounds", "1"];
  const { code, stdout, stderr } = await cli("bench:turbo", args);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /turbo: memory unchecked/);
  const without = await inProcess("bench", args);
  assert.equal(without.code, 2);
  assert.match(
    without.stderr,
    /V8 takes its flags only when a process starts. Run `deno task bench:turbo …`/,
  );
});

Deno.test("bench refuses what it does not know", async () => {
  for (
    const [args, message] of [
      [["steps"], /'steps' is invalid.*Allowed choices are kernels, step, gpu, together, toolkit/],
      [
        ["--model", "cnn-smal"],
        /'cnn-smal' is invalid.*Allowed choices are cnn-tiny, cnn-tiny-plain, cnn-small/,
      ],
      [["--profile", "--backend", "wasm"], /bench step. with --backend webgpu, not to wasm/],
      [["kernels", "--profile"], /not to .bench kernels./],
      [["--batch", "0"], /whole number from 1/],
    ] as [string[], RegExp][]
  ) {
    const { code, stdout, stderr } = await inProcess("bench", args);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, message);
  }
});

Deno.test("the kernels' report has each convolution's three kernels, the first without input gradient", () => {
  const { kernels, peak_gflops } = benchKernels("cnn-small", 32, 2, 1);
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
