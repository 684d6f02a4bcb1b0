import type { OptimizerSpec } from "#train/optimizer.ts";
import { matrixShape, muonScale } from "#train/optimizers/muon.ts";
import { NEWTON_SCHULZ_STEPS } from "#train/optimizers/newton_schulz.ts";
import type { Slice } from "./dispatch.ts";
import {
  gramMatrix,
  gramPolynomial,
  loadMatrix,
  polynomialStep,
  storeMatrix,
} from "./kernels/newton_schulz.ts";
import { BLOCK } from "./kernels/optimizer.ts";
import type { Stage, StagedRule } from "./kernels/optimizer_rule.ts";
import { advanceScalars, chunkSums, stageKernel, sumChunks } from "./kernels/stage_kernels.ts";
import type { Recorder } from "./recorder.ts";
import type { Store } from "./store.ts";

/** Values that one thread adds up, where there are not too many. */
const CHUNK = 16 * BLOCK;
/** The most chunks: one thread adds up their sums. */
const MOST_CHUNKS = 4096;

/** Records the stages of an optimizer's step by the gradients in the store, which they overwrite. */
export function recordStages(
  recorder: Recorder,
  { slots, stages }: StagedRule,
  { optimizer, store, controls, norms }: {
    readonly optimizer: OptimizerSpec;
    readonly store: Store;
    readonly controls: GPUBuffer;
    readonly norms: GPUBuffer;
  },
): void {
  const { length, tensors } = store;
  const buffers = new Map<string, GPUBuffer>([
    ["controls", controls],
    ["norms", norms],
    ["blocks", store.blocks],
    ["gradients", store.gradients],
    ["weights", store.weights],
    ["scalars", store.scalars],
    ...slots.map((slot, index) => [slot, store.slots[index]!] as const),
  ]);
  const table = (label: string, values: readonly number[]) => {
    buffers.set(label, recorder.table(label, values));
  };
  const { chunks, rows } = chunksOf(store);
  const all = stages.some((stage) => stage.kind === "sums" && stage.over === "all");
  table("chunks", chunks.flat());
  table("tensors", all ? [0, chunks.length] : rows.flat());
  table(
    "places",
    tensors.flatMap(({ size, hidden }, index) =>
      Array.from({ length: Math.ceil(size / (4 * BLOCK)) }, () => 2 * index + Number(hidden))
    ),
  );
  buffers.set("partial", recorder.buffer("partial sums", 2 * chunks.length));
  buffers.set("sums", recorder.buffer("sums", 2 * (all ? 1 : rows.length)));
  const named = (names: readonly string[]) => names.map((name) => buffers.get(name)!);
  for (const stage of stages) record(stage);

  function record(stage: Stage): void {
    switch (stage.kind) {
      case "values": {
        const made = stageKernel(length, optimizer, stage);
        return recorder.run(made.kernel, ...named(made.buffers));
      }
      case "sums": {
        const made = chunkSums(chunks.length, optimizer, stage);
        recorder.run(made.kernel, ...named(made.buffers));
        return recorder.run(sumChunks(all ? 1 : rows.length), ...named(["partial", "tensors", "sums"]));
      }
      case "scalars":
        return recorder.run(advanceScalars(stage.body), ...named(["sums", "scalars"]));
      case "orthogonalise":
        return recordNewtonSchulz(recorder, store, buffers.get("sums")!);
    }
  }
}

/** Neighbouring values that one thread adds up, none of two tensors, as `[first, end]`; and each tensor's chunks. */
function chunksOf({ length, tensors }: Store): { chunks: [number, number][]; rows: [number, number][] } {
  const most = Math.max(CHUNK, Math.ceil(length / MOST_CHUNKS / BLOCK) * BLOCK);
  const chunks: [number, number][] = [];
  const rows = tensors.map(({ offset, size }): [number, number] => {
    const before = chunks.length;
    const [from, end] = [offset / 4, (offset + size) / 4];
    for (let first = from; first < end; first += most) chunks.push([first, Math.min(end, first + most)]);
    return [before, chunks.length];
  });
  return { chunks, rows };
}

function recordNewtonSchulz(recorder: Recorder, { gradients, tensors }: Store, sums: GPUBuffer): void {
  const matrices = tensors.flatMap(({ shape, hidden, offset, size }, tensor) => {
    const [rows, columns] = matrixShape(shape);
    const slice: Slice = { buffer: gradients, offset, size };
    return hidden ? [{ matrix: { rows, columns }, factor: muonScale(shape), slice, tensor }] : [];
  });
  const largest = Math.max(0, ...matrices.map(({ matrix: { rows, columns } }) => rows * columns));
  const square = Math.max(
    0,
    ...matrices.map(({ matrix: { rows, columns } }) => Math.min(rows, columns) ** 2),
  );
  const [one, other] = ["matrix", "next matrix"].map((label) => recorder.buffer(label, largest));
  const [gram, polynomial] = ["gram matrix", "polynomial"].map((label) => recorder.buffer(label, square));
  for (const { matrix, factor, slice, tensor } of matrices) {
    let [x, next] = [one!, other!];
    recorder.run(loadMatrix(matrix, tensor), slice, sums, x);
    for (let step = 0; step < NEWTON_SCHULZ_STEPS; step++) {
      recorder.run(gramMatrix(matrix), x, gram!);
      recorder.run(gramPolynomial(matrix), gram!, polynomial!);
      recorder.run(polynomialStep(matrix), polynomial!, x, next);
      [x, next] = [next, x];
    }
    recorder.run(storeMatrix(matrix, factor), x, slice);
  }
}
