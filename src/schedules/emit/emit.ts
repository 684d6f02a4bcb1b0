import { assertNever } from "../../lib/assert_never.ts";
import type { RunShape } from "../../lib/duration.ts";
import { describeSchedule } from "../describe.ts";
import { buildSchedule } from "../registry.ts";
import { plainValues } from "../resolve.ts";
import type { BuiltSchedule, Schedule, ScheduleSpec } from "../schedule.ts";
import { FunctionWriter, oneCyclePhases, triangle } from "./formula.ts";
import { type Framework, type Native, type Natives, py } from "./framework.ts";
import { kerasNatives } from "./keras.ts";
import { optaxCode } from "./optax.ts";
import { emitPlateau } from "./plateau.ts";
import { pytorchNatives } from "./pytorch.ts";
import { KERAS, NUMBERS, type Style } from "./style.ts";
import { transformersNatives } from "./transformers.ts";

/** Rates closer than this, relative to the larger, count as the same. */
const SAME = 1e-9;
/** Updates that are compared; of a longer run they are spread evenly, the first ones densely. */
const COMPARED = 100_000;

/**
 * Python that gives the same rates in another framework, for the updates of this run: by the framework's own class
 * where that expresses the schedule exactly, else by a function with the formula and a comment that says why.
 *
 * PyTorch and transformers end in `scheduler`, Keras and optax in `schedule`.
 *
 * @throws {RangeError} for a schedule that the framework cannot express at all.
 */
export function emitSchedule(spec: ScheduleSpec, shape: RunShape, framework: Framework): string {
  const built = buildSchedule(spec, shape);
  if (spec.name === "plateau" && spec.scales == null) return emitPlateau(spec, shape, framework);
  if (built.feedback !== null) {
    throw new RangeError(`Cannot emit ${spec.name} for ${framework}: its rates depend on evaluations`);
  }
  switch (framework) {
    case "pytorch":
      return emitTorch(spec, shape, built, pytorchNatives, "SGD");
    case "transformers":
      return emitTorch(spec, shape, built, transformersNatives, "AdamW");
    case "keras":
      return emitKeras(spec, shape, built);
    case "optax":
      return emitOptax(spec, shape, built);
    default:
      return assertNever(framework);
  }
}

/** Whether two schedules give the same rates over a run. */
export function sameRates(a: Schedule, b: Schedule, totalSteps: number): boolean {
  const stride = Math.max(1, Math.floor(totalSteps / COMPARED));
  for (let t = 0; t < totalSteps; t += t < COMPARED / 10 ? 1 : stride) {
    const [x, y] = [a(t), b(t)];
    if (!(Math.abs(x - y) <= SAME * Math.max(Math.abs(x), Math.abs(y)) + 1e-18)) return false;
  }
  return true;
}

/** The first of a framework's own ways that agrees, and why the one that looks the same does not. */
function choose(
  spec: ScheduleSpec,
  shape: RunShape,
  ours: Schedule,
  natives: Natives,
): { native: Native | null; why: string } {
  const candidates = spec.update === "epoch" ? [] : natives(spec, shape, ours);
  const native = candidates.find(({ rate }) => rate !== null && sameRates(rate, ours, shape.totalSteps)) ??
    null;
  return { native, why: candidates[0]?.why ?? "" };
}

function emitTorch(
  spec: ScheduleSpec,
  shape: RunShape,
  built: BuiltSchedule,
  natives: Natives,
  optimizer: string,
): string {
  const perEpoch = perEpochNative(spec, shape, built.lr, natives);
  const { native, why } = choose(spec, shape, built.lr, natives);
  const chosen = perEpoch ?? native;
  const when = perEpoch === null
    ? "after each optimizer.step(): scheduler.step()"
    : "after each epoch: scheduler.step()";
  // OneCycleLR and CyclicLR move the momentum of whatever optimizer they are given.
  const extras = optimizer === "SGD" ? ", momentum=0.9" : "";
  if (chosen !== null) {
    return program(spec, [`from torch.optim import ${optimizer}`, ...chosen.imports], [
      `optimizer = ${optimizer}(model.parameters(), lr=${py(chosen.base)}${extras})`,
      `scheduler = ${chosen.call}`,
      `# ${when}`,
    ]);
  }
  const { name, functions, imports } = formula(spec, shape, NUMBERS);
  const whose = optimizer === "SGD" ? "PyTorch" : "transformers";
  return program(spec, [
    ...imports,
    `from torch.optim import ${optimizer}`,
    "from torch.optim.lr_scheduler import LambdaLR",
  ], [
    because(why, `${whose} has no scheduler of this shape`),
    ...functions.flatMap((lines) => [lines, ""]),
    `optimizer = ${optimizer}(model.parameters(), lr=1.0${extras})  # 1.0, as ${name} gives the rate itself`,
    `scheduler = LambdaLR(optimizer, ${name})`,
    `# after each optimizer.step(): scheduler.step()`,
    ...momentumLines(spec, shape, built, NUMBERS, (call) => [
      `# before each optimizer.step(): for group in optimizer.param_groups: group["momentum"] = ${call}`,
    ]),
  ]);
}

/** A schedule that is asked once an epoch, by a class that is stepped once an epoch. */
function perEpochNative(
  spec: ScheduleSpec,
  shape: RunShape,
  ours: Schedule,
  natives: Natives,
): Native | null {
  if (spec.update !== "epoch") return null;
  const { totalSteps, stepsPerEpoch } = shape;
  const epochs = { totalSteps: Math.ceil(totalSteps / stepsPerEpoch), stepsPerEpoch: 1 };
  const atEpoch: Schedule = (epoch) => ours(epoch * stepsPerEpoch);
  try {
    const { update: _, ...perStep } = spec;
    const inEpochs = buildSchedule(perStep as ScheduleSpec, epochs).lr;
    if (!sameRates(inEpochs, atEpoch, epochs.totalSteps)) return null;
    return choose(perStep as ScheduleSpec, epochs, inEpochs, natives).native;
  } catch {
    return null; // a length that is no whole number of epochs
  }
}

function emitKeras(spec: ScheduleSpec, shape: RunShape, built: BuiltSchedule): string {
  const { native, why } = choose(spec, shape, built.lr, kerasNatives);
  const optimizer = "optimizer = keras.optimizers.SGD(learning_rate=schedule, momentum=0.9)";
  if (native !== null) return program(spec, native.imports, [`schedule = ${native.call}`, optimizer]);
  if (spec.name === "constant") {
    return program(spec, ["import keras"], [`schedule = ${py(spec.lr)}`, optimizer]);
  }
  const { name, functions, imports } = formula(spec, shape, KERAS);
  const className = name.split("_").map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");
  return program(spec, imports, [
    because(why, "Keras has no schedule of this shape"),
    ...functions.flatMap((lines) => [lines, ""]),
    `class ${className}(keras.optimizers.schedules.LearningRateSchedule):`,
    "    def __call__(self, step):",
    `        return ${name}(ops.cast(step, "float32"))`,
    "",
    "    def get_config(self):",
    "        return {}",
    "",
    `schedule = ${className}()`,
    optimizer,
    ...momentumLines(
      spec,
      shape,
      built,
      KERAS,
      (call) => [`# a callback may set optimizer.momentum = ${call} before each batch`],
    ),
  ]);
}

function emitOptax(spec: ScheduleSpec, shape: RunShape, built: BuiltSchedule): string {
  const { name, definitions, ownFormula } = optaxCode(spec, shape);
  const imports = ownFormula ? ["import math", "import jax.numpy as jnp", "import optax"] : ["import optax"];
  const renamed = definitions.at(-1)!.startsWith(`${name} = `)
    ? [...definitions.slice(0, -1), definitions.at(-1)!.replace(`${name} = `, "schedule = ")]
    : [...definitions, `schedule = ${name}`];
  const momentum = momentumLines(spec, shape, built, { ...KERAS, imports: [] }, () => []);
  return program(spec, imports, [
    ...(ownFormula ? ["# optax has no schedule of this shape, so the formula is written out."] : []),
    ...renamed.flatMap((lines) => lines.startsWith("def ") ? [lines, ""] : [lines]),
    "optimizer = optax.sgd(learning_rate=schedule, momentum=0.9)",
    ...(momentum.length === 0
      ? []
      : ["# The momentum moves too; optax.inject_hyperparams(optax.sgd) takes a schedule for it."]),
  ]);
}

/** The comment above a formula. */
function because(why: string, otherwise: string): string {
  const reason = why === "" ? otherwise : why[0]!.toUpperCase() + why.slice(1);
  return `# ${reason}, so the formula is written out.`;
}

function formula(spec: ScheduleSpec, shape: RunShape, style: Style) {
  const writer = new FunctionWriter(style, shape);
  const name = writer.schedule(spec);
  const bisect = writer.functions.some((lines) => lines.includes("bisect_right("))
    ? ["from bisect import bisect_right"]
    : [];
  const imports = [...style.imports, ...bisect].filter((line) =>
    line !== "import math" || writer.functions.some((lines) => lines.includes("math."))
  );
  return { name, functions: writer.functions, imports };
}

/** A function for the momentum, where the schedule itself (not one inside it) moves it, and how to use it. */
function momentumLines(
  spec: ScheduleSpec,
  shape: RunShape,
  { momentum }: BuiltSchedule,
  style: Style,
  use: (call: string) => readonly string[],
): string[] {
  if (momentum === null) return [];
  const v = plainValues(spec, shape);
  const writer = new FunctionWriter(style, shape);
  if (spec.name === "one_cycle") {
    const name = writer.define("momentum", "", oneCyclePhases(v, "momentum", style));
    return ["", ...writer.functions, ...use(`${name}(t)`)];
  }
  if (spec.name === "cyclic") {
    const body = [
      ...triangle(v, style),
      `return ${py(v.max_momentum)} - ${py(v.max_momentum - v.base_momentum)} * height`,
    ];
    const name = writer.define("momentum", "", body);
    return ["", ...writer.functions, ...use(`${name}(t)`)];
  }
  return ["# The schedule moves the momentum too, which this leaves alone (cycle_momentum: false would)."];
}

function program(spec: ScheduleSpec, imports: readonly string[], body: readonly string[]): string {
  const merged = mergeImports(imports);
  return [`# ${describeSchedule(spec)}`, ...merged, "", ...body].join("\n") + "\n";
}

/** Standard library first; names of one module on one line. */
function mergeImports(imports: readonly string[]): string[] {
  const plain = new Set(imports.filter((line) => line.startsWith("import ")));
  const from = new Map<string, Set<string>>();
  for (const line of imports) {
    const match = /^from (\S+) import (.+)$/.exec(line);
    if (match === null) continue;
    const names = from.get(match[1]!) ?? new Set();
    match[2]!.split(", ").forEach((name) => names.add(name));
    from.set(match[1]!, names);
  }
  const sorted = [...from].map(([module, names]) => `from ${module} import ${[...names].sort().join(", ")}`);
  return [...plain, ...sorted];
}
