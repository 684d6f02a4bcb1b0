import type { OptimizerSpec } from "#train/optimizer.ts";
import { type Kernel, kernel } from "../kernel.ts";
import { BLOCK, clippedGradient, GROUP_OF } from "./optimizer.ts";
import type { BufferName, Stage } from "./optimizer_rule.ts";

/** Kernels of an optimizer's stages: see {@link Stage}. */

/** Names and types of the buffers of a stage, in the order of its bindings. */
function stageBuffers(
  optimizer: OptimizerSpec,
  { clipped, reads, writes }: Extract<Stage, { readonly reads: unknown }>,
  others: readonly BufferName[] = [],
) {
  const norms = clipped && optimizer.clip_norm !== null ? ["norms"] : [];
  const read = ["controls", "blocks", ...norms, ...others, ...reads];
  const typed = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, UNSIGNED.has(name) ? "u32" : "f32"]));
  return { names: [...read, ...writes], reads: typed(read), writes: typed(writes) };
}

const UNSIGNED: ReadonlySet<string> = new Set(["blocks", "places", "chunks", "tensors"]);

/** What the statements of a stage read of the value at `index`. */
function stageValues(optimizer: OptimizerSpec, stage: Extract<Stage, { readonly reads: unknown }>): string {
  const named = (name: string) => [...stage.reads, ...stage.writes].includes(name);
  return [
    "let lr = controls[group + 1];",
    "let momentum = controls[1];",
    ...(named("weights") ? ["let w = weights[index];"] : []),
    ...(named("places")
      ? [
        `let place = places[index / ${BLOCK}];`,
        "let tensor = i32(place >> 1u);",
        "let hidden = (place & 1u) == 1u;",
      ]
      : []),
    ...(stage.clipped ? [clippedGradient(optimizer)] : []),
    stage.body,
  ].join("\n  ");
}

/** One stage of values; `buffers` are the names of its bindings in their order. */
export function stageKernel(
  length: number,
  optimizer: OptimizerSpec,
  stage: Extract<Stage, { readonly kind: "values" }>,
): { readonly kernel: Kernel; readonly buffers: readonly BufferName[] } {
  const { names, reads, writes } = stageBuffers(optimizer, stage);
  return {
    buffers: names,
    kernel: kernel({
      name: `${optimizer.name} ${stage.writes.join(" ")}`,
      reads,
      writes,
      sizes: { invocations: length },
      body: `let group = ${GROUP_OF("index")};
  if (controls[group] == 0.0) { return; }
  ${stageValues(optimizer, stage)}`,
    }),
  };
}

/** Two sums of each chunk, `[chunks, 2]`, of `chunks` `[chunks, 2]`: first value, end. Nothing of what is frozen. */
export function chunkSums(
  chunks: number,
  optimizer: OptimizerSpec,
  stage: Extract<Stage, { readonly kind: "sums" }>,
): { readonly kernel: Kernel; readonly buffers: readonly BufferName[] } {
  const { names, reads, writes } = stageBuffers(optimizer, stage, ["chunks"]);
  return {
    buffers: [...names, "partial"],
    kernel: kernel({
      name: `${optimizer.name} sums`,
      reads,
      writes: { ...writes, partial: "f32" },
      sizes: { invocations: chunks },
      body: `let chunk = index;
  var total = vec2<f32>(0.0);
  let group = ${GROUP_OF("i32(chunks[2 * chunk])")};
  if (controls[group] != 0.0) {
    for (var index = i32(chunks[2 * chunk]); index < i32(chunks[2 * chunk + 1]); index++) {
  ${stageValues(optimizer, stage)}
      total = total + pair;
    }
  }
  partial[2 * chunk] = total.x;
  partial[2 * chunk + 1] = total.y;`,
    }),
  };
}

/** `(partial, tensors [count, 2]) → sums [count, 2]`, over the chunks from the first to the end of each row. */
export function sumChunks(count: number): Kernel {
  return kernel({
    name: "sum_chunks",
    reads: { partial: "f32", tensors: "u32" },
    writes: { sums: "f32" },
    sizes: { invocations: count },
    body: `var total = vec2<f32>(0.0);
  for (var chunk = i32(tensors[2 * index]); chunk < i32(tensors[2 * index + 1]); chunk++) {
    total = total + vec2<f32>(partial[2 * chunk], partial[2 * chunk + 1]);
  }
  sums[2 * index] = total.x;
  sums[2 * index + 1] = total.y;`,
  });
}

/** `(sums) → scalars`, by one thread. */
export function advanceScalars(body: string): Kernel {
  return kernel({
    name: "advance_scalars",
    reads: { sums: "f32" },
    writes: { scalars: "f32" },
    sizes: { invocations: 1 },
    body,
  });
}
