import { type Built, type CustomModule, entry } from "./entry.ts";
import type { Param, Params } from "./param_types.ts";
import { text } from "./params.ts";
import type { RunShape, Schedule } from "./schedule.ts";
import { ParameterError, show } from "./values.ts";

const PARAMS = {
  module: text("path of a TypeScript module, relative to the spec"),
  digest: text(
    "SHA-256 of the module; the lab writes it into an experiment's spec, so that a changed module gives other runs",
    null,
  ),
};

/**
 * A schedule from a module. Either the module exports a schedule, `export const schedule = (step) => rate` (or as its
 * default), which takes no parameters; or `export const params` (as the entries of the catalogue have them) together
 * with `export function build(values, shape)`, which returns the rate or `{ lr, momentum, cycles, feedback }`.
 *
 * Every rate is checked when it is evaluated, since the module cannot be trusted to be total.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { custom } from "#schedules/custom.ts";
 *
 * const run = { totalSteps: 100, stepsPerEpoch: 10 };
 * const { lr } = custom({ schedule: (step) => 1 / (1 + step) }, "./mine.ts", {}, run);
 * assert.equal(lr(3), 0.25);
 * assert.throws(() => custom({ schedule: () => -1 }, "./mine.ts", {}, run), /must be finite and >= 0; it is -1/);
 * ```
 *
 * @throws {TypeError} for a module that exports neither, and RangeError from the schedule for a rate that is negative
 * or not finite.
 */
export function custom(
  module: CustomModule,
  path: string,
  values: Readonly<Record<string, unknown>>,
  shape: RunShape,
): Built {
  const plain = module.schedule ?? module.default;
  const { digest: _, ...own } = values;
  const made = module.build === undefined ? plain : module.build(own, shape);
  const built = typeof made === "function" ? { lr: made } : made;
  if (typeof built?.lr !== "function") {
    throw new TypeError(
      `Cannot use ${path} as a schedule: export \`schedule\`, a function from the step to the rate, or \`build\``,
    );
  }
  const { lr, feedback } = built;
  const checked: Schedule = (step) => checkRate(answerOf(() => lr(step), step, path), step, path);
  checked(0);
  return feedback == null ? { ...built, lr: checked } : {
    ...built,
    lr: checked,
    feedback: {
      metric: feedback.metric,
      init: () => feedback.init(),
      observe: (state, seen) => feedback.observe(state, seen),
      at: (state, step) => checkRate(feedback.at(state, step), step, path),
      ...(feedback.cycles === undefined
        ? {}
        : { cycles: (state: unknown, step: number) => feedback.cycles!(state, step) }),
    },
  };
}

/** The answer of the module; an error names the module and quotes its message. */
function answerOf(ask: () => unknown, step: number, path: string): unknown {
  try {
    return ask();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RangeError(`Cannot use the rate of step ${step} from ${path}: it fails with ${show(reason)}`);
  }
}

function checkRate(rate: unknown, step: number, path: string): number {
  if (typeof rate === "number" && Number.isFinite(rate) && rate >= 0) return rate;
  throw new RangeError(
    `Cannot use the rate of step ${step} from ${path}: it must be finite and >= 0; it is ${show(rate)}`,
  );
}

/** Parameters of a custom schedule: the module's own and the path. */
export function customParams(module: CustomModule): Params {
  return { ...PARAMS, ...module.params };
}

/** A module that a schedule names, and the digest that it is to have; `null` for any. */
export interface ModuleUse {
  readonly module: string;
  readonly digest: string | null;
}

/** The modules that a schedule needs, at any depth, for the application to load before a build. */
export function customModules(spec: unknown): ModuleUse[] {
  if (typeof spec !== "object" || spec === null) return [];
  const { name, module, digest } = spec as Record<string, unknown>;
  const own = name === "custom" && typeof module === "string"
    ? [{ module, digest: typeof digest === "string" ? digest : null }]
    : [];
  return [...own, ...Object.values(spec).flatMap(customModules)];
}

export default entry({
  name: "custom",
  summary:
    "A schedule from a TypeScript module of your own, which exports `schedule`, a function from the step to the " +
    "rate, or `params` and `build`.",
  params: PARAMS as Record<"module" | "digest", Extract<Param, { kind: "text" }>>,
  formula: "as the module defines it",
  first: "as the module defines it",
  last: "as the module defines it",
  source: "the module",
  label: "custom {module}",
  sample: { name: "custom", module: "./my_schedule.ts" },
  build: (values, shape, context) => {
    const module = context.custom?.(values.module);
    if (module === undefined) {
      throw new ParameterError(
        "custom",
        "module",
        "a module that was loaded before the build",
        values.module,
      );
    }
    return custom(module, values.module, values, shape);
  },
  loadedParams: ({ module }, context) => {
    const loaded = context.custom?.(String(module));
    return loaded === undefined ? null : customParams(loaded);
  },
  exports: { refusal: "the formula of a custom schedule is in its module" },
});
