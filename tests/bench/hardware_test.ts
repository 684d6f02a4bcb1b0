import assert from "node:assert/strict";
import { conformanceFigures } from "#bench/hardware_conformance.ts";
import type { HardwareReport } from "#bench/hardware.ts";
import { type PartFigures, partsOf } from "#bench/hardware_parts.ts";
import { runLimited } from "#bench/limited.ts";
import { hardwareText } from "#app/commands/bench/hardware_text.ts";

const cwd = Deno.cwd();
/** Runs a program of the shell, which starts in milliseconds on a loaded machine too. */
const shell = (program: string, seconds: number, stopsWell = false) =>
  runLimited({ command: "sh", args: ["-c", program], cwd }, { seconds, stopsWell });

Deno.test("a program that is not done at its limit is out of time, and keeps what it printed", async () => {
  const [done, failed, late, asked] = await Promise.all([
    shell("echo whole", 60),
    shell("echo half; exit 3", 60),
    shell("echo half; exec sleep 600", 3),
    shell("trap 'echo rest; exit 130' TERM; echo half; while :; do sleep 0.05; done", 3, true),
  ]);
  assert.deepEqual([done.outcome, done.stdout], ["done", "whole\n"]);
  assert.deepEqual([failed.outcome, failed.stdout], ["failed", "half\n"]);
  assert.deepEqual([late.outcome, late.stdout], ["out of time", "half\n"]);
  assert.deepEqual([asked.outcome, asked.stdout], ["done", "half\nrest\n"]);
});

Deno.test("tests on hardware are counted from lines that were cut off too", () => {
  const lines = [
    "device webgpu: layers for tokens ...",
    "  gradients of decoder agree with float64 ... ok (3s)",
    "device webgpu: layers for tokens ... ok (8s)",
    "WGSL pools agree with float64 ... FAILED (1s)",
    "WGSL of something ... ignored (0ms)",
    "WGSL attention agr",
  ];
  const error = (device: string, kernel: string, error: number | null) =>
    JSON.stringify({ device, kernel, shape: "", error });
  const figures = conformanceFigures(lines.join("\n"), [
    error("webgpu", "gelu", 1e-7),
    error("wasm", "gelu", 1),
    error("webgpu", "gelu", 3e-7),
    error("webgpu", "conv", null),
  ]);
  assert.deepEqual(figures, {
    passed: 1,
    failed: 1,
    failures: ["WGSL pools agree with float64"],
    errors: [
      { kernel: "conv", comparisons: 1, largest: Infinity },
      { kernel: "gelu", comparisons: 2, largest: 3e-7 },
    ],
  });
});

Deno.test("parts of the hardware bench leave time to the exercise, and their report names what has no figures", () => {
  for (const small of [true, false]) {
    const parts = partsOf({ out: "somewhere", small, jobs: 1, at: "2026-01-01T00:00:00Z" });
    const shares = parts.map(({ share }) => share ?? 0).reduce((sum, share) => sum + share, 0);
    assert.ok(shares < 0.9);
    assert.deepEqual(parts.flatMap(({ name, share }) => share === null ? [name] : []), ["exercise 1"]);
  }
  const about = { command: "deno", limit_seconds: 60, seconds: 12 };
  const one = { median: 1, low: 1, high: 1 };
  const figures = { steps_per_second: one, ratio: one, processor_ms_per_step: one };
  const spent = { dispatches_per_step: 50, submissions_per_step: 0.125 };
  const together: PartFigures = {
    kind: "together",
    figures: {
      model: "cnn-tiny",
      size: 16,
      batch: 8,
      device: { backend: "webgpu", name: "NVIDIA X", detail: "", why: "" },
      counts: [
        { runs: 1, ...figures, ...spent },
        { runs: 2, ...figures, ...spent, ratio: { median: 1.75, low: 1.5, high: 2 } },
      ],
      refused: "Cannot train 4 runs at once",
    },
  };
  const report: HardwareReport = {
    version: 1,
    at: "2026-01-01T00:00:00Z",
    minutes: 5,
    parts: [
      {
        name: "machine",
        outcome: "done",
        found: {
          kind: "machine",
          figures: { webgpu: { name: "NVIDIA X", driver: "NVIDIA, Vulkan", software: false } },
        },
        ...about,
      },
      { name: "conformance", outcome: "out of time", found: null, ...about },
      { name: "several runs at once, cnn-tiny", outcome: "done", found: together, ...about },
    ],
  };
  const text = hardwareText(report);
  assert.match(text, /== machine: done, 12 of 60 s\nNVIDIA X \(NVIDIA, Vulkan\)/);
  assert.match(
    text,
    / 2 at once: .*, 1\.75 \(1\.50 to 2\.00\) times one run's; .* 50 dispatches and 0\.13 sub/,
  );
  assert.match(text, /no more: Cannot train 4 runs at once/);
  assert.match(text, /== conformance: out of time, 12 of 60 s\nnothing found; see hardware.log/);
});
