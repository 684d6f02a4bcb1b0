import type { Exports, FormulaWriter, Native } from "../frameworks/exports.ts";
import { transformersNative } from "../frameworks/native.ts";
import { optaxCosine, optaxJoin, optaxLine } from "../frameworks/optax.ts";
import { py, real, type Style } from "../frameworks/python.ts";
import type { Plain } from "../param_types.ts";
import type { PARAMS } from "./formula.ts";

type Wsd = Plain<typeof PARAMS>;

function body(v: Wsd, { style }: FormulaWriter): string[] {
  const { where, call } = style;
  const { lr, warmup, stable, decay, min_ratio: r, start_ratio: r0, cycles } = v;
  const [length, start] = [stable + decay, warmup + stable];
  const repeated = cycles > 1 && length > 0;
  const elapsed = warmup === 0 ? "t" : `(t - ${warmup})`;
  const lines = repeated
    ? [
      `k = ${call("minimum", `${call("maximum", elapsed, "0")} // ${length}`, py(cycles - 1))}`,
      `x = ${elapsed} - k * ${length}`,
    ]
    : [];
  const [time, from] = repeated ? ["x", stable] : ["t", start];
  const p = decay === 0
    ? where(`${time} < ${from}`, "0.0", "1.0")
    : call("minimum", `${call("maximum", `${time} - ${from}`, "0")} / ${decay}`, "1");
  const height = heightOf(v, style);
  const value = height === null
    ? (v.decay_shape === "geometric"
      ? `${real(lr)} * ${real(r)} ** p`
      : `${real(lr)} / (1 - p + p / ${real(r)})`)
    : r === 0
    ? `${real(lr)} * ${height}`
    : `${real(lr)} * (${real(r)} + ${real(1 - r)} * ${height})`;
  if (warmup === 0) return [...lines, `p = ${p}`, `return ${value}`];
  const up = {
    linear: `t / ${warmup}`,
    cosine: `(1 - ${call("cos", `math.pi * t / ${warmup}`)}) / 2`,
    "1-sqrt": `(1 - ${call("sqrt", `1 - ${call("minimum", "t", py(warmup))} / ${warmup}`)})`,
  }[v.warmup_shape];
  const rising = r0 === 0 ? `${real(lr)} * ${up}` : `${real(lr)} * (${real(r0)} + ${real(1 - r0)} * ${up})`;
  return [...lines, `p = ${p}`, `return ${where(`t < ${warmup}`, rising, value)}`];
}

/** Python for the height of a fall from 1 to 0 at progress p; `null` for a fall that is no such height. */
function heightOf({ decay_shape }: Wsd, { call }: Style): string | null {
  switch (decay_shape) {
    case "linear":
      return "(1 - p)";
    case "cosine":
      return `(1 + ${call("cos", "math.pi * p")}) / 2`;
    case "1-sqrt":
      return `(1 - ${call("sqrt", "p")})`;
    case "exponential":
      return "(2.0 ** (1 - p) - 1)";
    case "geometric":
    case "inverse":
      return null;
  }
}

/** More cycles than this are not written out one by one. */
const JOINED = 8;

function joined(
  { lr, warmup, stable, decay, decay_shape, min_ratio, warmup_shape, start_ratio, cycles }: Wsd,
): string | null {
  if (decay === 0 || warmup_shape !== "linear" || cycles > JOINED) return null;
  if (decay_shape !== "linear" && decay_shape !== "cosine") return null;
  const low = lr * min_ratio;
  const fall = decay_shape === "linear" ? optaxLine(lr, low, decay) : optaxCosine(lr, low, decay);
  const cycle = [
    { steps: stable, code: `optax.constant_schedule(${real(lr)})` },
    { steps: decay, code: fall },
  ];
  const phases = [
    { steps: warmup, code: optaxLine(lr * start_ratio, lr, warmup) },
    ...Array.from({ length: cycles }, () => cycle).flat(),
  ].filter(({ steps }) => steps > 0);
  return optaxJoin(phases.map(({ code }) => code), phases.slice(0, -1).map(({ steps }) => steps));
}

/** transformers has three falls and one cycle, and starts the warmup at the minimum ratio. */
function wsdSchedule(v: Wsd): Native[] {
  if (v.cycles > 1 || !["linear", "cosine", "1-sqrt"].includes(v.decay_shape)) return [];
  return [transformersNative(
    "get_wsd_schedule",
    {
      num_warmup_steps: v.warmup,
      num_stable_steps: v.stable,
      num_decay_steps: v.decay,
      warmup_type: v.warmup_shape,
      decay_type: v.decay_shape,
      min_lr_ratio: v.min_ratio,
    },
    v.lr,
    "get_wsd_schedule starts its warmup at min_lr_ratio, not at start_ratio",
  )];
}

export const EXPORTS: Exports<typeof PARAMS> = {
  body,
  optax: joined,
  natives: { transformers: wsdSchedule },
};
