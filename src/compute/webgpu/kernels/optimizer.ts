import { entryOf, type OptimizerSpec } from "#train/optimizer.ts";
import { CLIP_EPSILON } from "../../reference/optimizer.ts";
import { ALIGNMENT } from "../dispatch.ts";
import { float, type Kernel, kernel, MAX_TRIPS, split } from "../kernel.ts";
import type { Rule } from "./optimizer_rule.ts";

/**
 * Kernels over all parameters at once, which lie side by side in blocks of {@link BLOCK} values. `blocks` names the
 * group of each block, 0 for none; `controls` is what the host writes for each step, as `controls.ts` lays it out.
 */
export const BLOCK = ALIGNMENT / 4;
/** Rate, momentum, place in the log, images of the step, batch norm's share that stays and the one that is new. */
export const HEAD_VALUES = 8;
/** The most constants that an optimizer's entry gives for a step. */
export const MOST_CONSTANTS = 4;
/** Numbers per parameter group: 1 where it is trained or 0, its rate and decay, and the constants of the optimizer's entry. */
export const GROUP_VALUES = 3 + MOST_CONSTANTS;
const NORM_PARTS = 256;

/** The place of a value's group in the controls. */
export const GROUP_OF = (index: string) =>
  `${HEAD_VALUES} + ${GROUP_VALUES} * i32(blocks[${index} / ${BLOCK}])`;

/** −bound … bound; NaN stays NaN. */
const clamped = (value: string, bound: number | null) =>
  bound === null
    ? value
    : `select(select(${value}, ${float(bound)}, ${value} > ${float(bound)}), ${float(-bound)}, ${value} < ${
      float(-bound)
    })`;

/**
 * `(gradients, controls, blocks) → parts [parts, 2]`: sums of squares over what moves, as it is and clamped to
 * `bound`. Padding between parameters holds zeros.
 */
export function squareSums(length: number, bound: number | null): { kernel: Kernel; parts: number } {
  const { parts, each } = split(length, Math.max(NORM_PARTS, Math.ceil(length / MAX_TRIPS)));
  return {
    parts,
    kernel: kernel({
      name: "square_sums",
      reads: { gradients: "f32", controls: "f32", blocks: "u32" },
      writes: { partial: "f32" },
      sizes: { invocations: parts, rows: length, parts, each },
      body: `var sums = vec2<f32>(0.0);
  let end = min((index + 1) * sizes.each, sizes.rows);
  for (var at = index * sizes.each; at < end; at++) {
    if (controls[${GROUP_OF("at")}] == 0.0) { continue; }
    let value = gradients[at];
    let pair = vec2<f32>(value, ${clamped("value", bound)});
    sums = fma(pair, pair, sums);
  }
  partial[2 * index] = sums.x;
  partial[2 * index + 1] = sums.y;`,
    }),
  };
}

/** `(parts [parts, 2]) → [‖gradient‖, min(1, clip_norm / (‖clamped gradient‖ + 1e-6))]`. */
export function norms(parts: number, bound: number | null): Kernel {
  return kernel({
    name: "norms",
    reads: { partial: "f32" },
    writes: { norms: "f32" },
    sizes: { invocations: 1, parts },
    body: `var sums = vec2<f32>(0.0);
  for (var part = 0; part < sizes.parts; part++) {
    sums = sums + vec2<f32>(partial[2 * part], partial[2 * part + 1]);
  }
  norms[index] = sqrt(sums.x);
  // Written so that a norm that is not a number gives a factor that is none either.
  let shrunk = ${bound === null ? "2.0" : `${float(bound)} / (sqrt(sums.y) + ${float(CLIP_EPSILON)})`};
  norms[index + 1] = select(shrunk, 1.0, shrunk > 1.0);`,
  });
}

/**
 * `(gradients, controls, blocks, [norms]) → weights, slots …`: one step of every parameter that is not frozen, by the
 * formula of the optimizer's entry. `norms` is bound where `clip_norm` is given.
 */
export function optimizerUpdate(
  length: number,
  optimizer: OptimizerSpec,
  rule: (shrunk: string) => Rule,
): Kernel {
  const clip = optimizer.clip_norm !== null;
  const decoupled = entryOf(optimizer).decay === "decoupled";
  const { slots, body } = rule(decoupled ? "w - lr * controls[group + 2] * w" : "w");
  return kernel({
    name: optimizer.name,
    reads: { gradients: "f32", controls: "f32", blocks: "u32", ...(clip ? { norms: "f32" } : {}) },
    writes: { weights: "f32", ...Object.fromEntries(slots.map((slot) => [slot, "f32"])) },
    sizes: { invocations: length },
    body: `let group = ${GROUP_OF("index")};
  if (controls[group] == 0.0) { return; }
  let lr = controls[group + 1];
  let momentum = controls[1];
  let w = weights[index];
  ${clippedGradient(optimizer)}
  ${body}`,
  });
}

/** Lets `g` be the gradient of the value at `index`, clipped and with a coupled decay. */
export function clippedGradient(optimizer: OptimizerSpec): string {
  const clip = optimizer.clip_norm !== null;
  const decay = entryOf(optimizer).decay === "coupled" ? " + controls[group + 2] * w" : "";
  return `let raw = gradients[index];
  let g = ${clamped("raw", optimizer.clip_value ?? null)}${clip ? " * norms[1]" : ""}${decay};`;
}

/** `(gradients) → accumulated`, which grows by them. */
export function keepGradients(length: number): Kernel {
  return kernel({
    name: "keep_gradients",
    reads: { gradients: "f32" },
    writes: { accumulated: "f32" },
    sizes: { invocations: length },
    body: "accumulated[index] = accumulated[index] + gradients[index];",
  });
}

/** `() → gradients, accumulated`: the first grow by what was kept, of which nothing stays. */
export function takeKept(length: number): Kernel {
  return kernel({
    name: "take_kept",
    reads: {},
    writes: { gradients: "f32", accumulated: "f32" },
    sizes: { invocations: length },
    body: `gradients[index] = accumulated[index] + gradients[index];
  accumulated[index] = 0.0;`,
  });
}

/** `(weights, share [1]) → average`: average + share · (weights − average); a share of 1 copies. */
export function moveAverage(length: number): Kernel {
  return kernel({
    name: "move_average",
    reads: { weights: "f32", share: "f32" },
    writes: { average: "f32" },
    sizes: { invocations: length },
    body: `let old = average[index];
  average[index] = select(old + share[0] * (weights[index] - old), weights[index], share[0] == 1.0);`,
  });
}
