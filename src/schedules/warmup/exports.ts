import type { Exports, FormulaWriter, Native, NativeRun, OptaxWriter } from "../frameworks/exports.ts";
import { optaxJoin, optaxLine } from "../frameworks/optax.ts";
import { kwargs, linearIn, real, since } from "../frameworks/python.ts";
import type { Plain } from "../param_types.ts";
import type { PARAMS } from "./formula.ts";

type Warmup = Plain<typeof PARAMS>;

export const EXPORTS: Exports<typeof PARAMS> = {
  body: rampThen,
  optax: joined,
  natives: {
    pytorch: sequentialLR,
    keras: (v, run) => v.duration === 0 || v.clock === "run" ? [] : together(v, run),
    optax: (v, run) => v.clock === "run" ? [] : together(v, run),
    timm: (v, run) => v.clock === "run" ? [] : together(v, run),
    deepspeed: (v, run) => v.clock === "run" || v.skip_zero ? [] : together(v, run),
    transformers: (v, run) => v.from === 0 && !v.skip_zero && v.clock === "own" ? together(v, run) : [],
  },
};

/** The rate that the ramp rises to. */
const targetOf = (v: Warmup, writer: Pick<FormulaWriter, "firstRate" | "rateAt">): number =>
  v.clock === "run" && v.ramp_to === "joined" ? writer.rateAt(v.then, v.duration) : writer.firstRate(v.then);

function rampThen(v: Warmup, writer: FormulaWriter): string[] {
  const { style } = writer;
  const after = `${writer.schedule(v.then)}(${since(v.clock === "run" ? 0 : v.duration, style)})`;
  if (v.duration === 0) return [`return ${after}`];
  const target = targetOf(v, writer);
  // Past the ramp p stays: a geometric ramp that continued would overflow.
  const p = style.call("minimum", v.skip_zero ? `(t + 1) / ${v.duration + 1}` : `t / ${v.duration}`, "1");
  const ramp = {
    linear: linearIn(v.from, target - v.from, "p"),
    cosine: linearIn(v.from, target - v.from, `(1 - ${style.call("cos", "math.pi * p")}) / 2`),
    exponential: `${real(v.from)} ** (1 - p) * ${real(target)} ** p`,
    log: linearIn(
      v.from,
      target - v.from,
      `${style.call("log", `1 + p * ${v.duration}`)} / math.log(${v.duration + 1})`,
    ),
    "1-sqrt": linearIn(v.from, target - v.from, `(1 - ${style.call("sqrt", "1 - p")})`),
  }[v.shape];
  return [
    `p = ${p}`,
    `ramp = ${ramp}`,
    `return ${style.where(`t < ${v.duration}`, "ramp", after)}`,
  ];
}

function joined(v: Warmup, writer: OptaxWriter): string | null {
  if (v.duration === 0) return writer.schedule(v.then);
  if (v.shape !== "linear" || v.clock === "run") return null;
  const target = writer.firstRate(v.then);
  return optaxJoin([optaxLine(firstOf(v, target), target, v.duration), writer.schedule(v.then)], [
    v.duration,
  ]);
}

/** A library's call for both the ramp and the schedule after it. */
function together(v: Warmup, { shape, warmedUp, rateOf }: NativeRun): readonly Native[] {
  if (v.shape !== "linear" || v.then.update === "epoch") return [];
  return warmedUp(v.then, { steps: v.duration, from: firstOf(v, rateOf(v.then)(0)), shape });
}

/** The ramp's first rate. */
const firstOf = (v: Warmup, target: number): number =>
  v.skip_zero ? v.from + (target - v.from) / (v.duration + 1) : v.from;

/** A linear warmup by SequentialLR and LinearLR around a scheduler of torch's own. */
function sequentialLR(v: Warmup, { natives, rateOf }: NativeRun): Native[] {
  if (v.shape !== "linear" || v.duration === 0 || v.clock === "run" || v.then.update === "epoch") return [];
  const target = rateOf(v.then)(0);
  return natives(v.then).map((inner) => {
    const base = inner.base ?? target;
    const factors = {
      start_factor: firstOf(v, target) / base,
      ...(target === base ? {} : { end_factor: target / base }),
      total_iters: v.duration,
    };
    return {
      call: [
        "SequentialLR(optimizer, [",
        `    LinearLR(optimizer, ${kwargs(factors)}),`,
        `    ${inner.call},`,
        `], milestones=[${v.duration}])`,
      ].join("\n"),
      imports: ["from torch.optim.lr_scheduler import SequentialLR, LinearLR", ...inner.imports],
      base,
      why: factors.start_factor === 0 ? "LinearLR divides by zero at start_factor 0" : inner.why,
    };
  });
}
