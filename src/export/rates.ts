import { assertNever } from "#lib/assert_never.ts";
import type { RunShape } from "#lib/duration.ts";
import type { Library } from "#schedules/frameworks/exports.ts";
import type { Schedule } from "#schedules/schedule.ts";
import { deepspeedScheduler } from "./libraries/deepspeed.ts";
import { fastai } from "./libraries/fastai.ts";
import { KERAS } from "./libraries/keras.ts";
import { OPTAX } from "./libraries/optax.ts";
import { PYTORCH } from "./libraries/pytorch.ts";
import { TIMM } from "./libraries/timm.ts";
import { TRANSFORMERS } from "./libraries/transformers.ts";
import { ultralytics } from "./libraries/ultralytics.ts";
import { Arguments, type Callable } from "./python/arguments.ts";
import { evaluate, type Plateau, Refusal, type Value } from "./python/evaluate.ts";
import { parseExpression } from "./python/syntax.ts";

/** A call as the user gets it, with what it refers to. */
export interface Call {
  readonly library: Library;
  readonly text: string;
  /** The optimizer's own rate. */
  readonly base: number;
  /** False for Adam and its kin. */
  readonly hasMomentum?: boolean;
  /** Schedules that were defined before, by their names. */
  readonly defined?: Readonly<Record<string, Schedule>>;
}

/** The result of a call: rates by step, a plateau, or a refusal in one clause. */
export type Outcome =
  | { readonly kind: "rates"; readonly rate: Schedule }
  | Plateau
  | { readonly kind: "refusal"; readonly why: string };

/**
 * The rates that a library computes for a call, read from its text alone; in double precision.
 *
 * Each function is checked against values of the library itself: `tests/golden/frameworks.json`.
 *
 * @throws {SyntaxError} for a text that is no call.
 */
export function outcomeOf(call: Call, shape: RunShape): Outcome {
  try {
    return asOutcome(valueOf(call, shape), call, shape);
  } catch (error) {
    if (error instanceof Refusal) return { kind: "refusal", why: error.message };
    throw error;
  }
}

function valueOf({ library, text, base, hasMomentum = true, defined = {} }: Call, shape: RunShape): Value {
  const functions = functionsOf(library, shape);
  const optimizer: Value = { kind: "optimizer", base, hasMomentum };
  return evaluate(parseExpression(text), {
    values: { optimizer, "math.pi": Math.PI, ...defined },
    call: (name, positional, named) => {
      const found = functions.find((each) => each.name === name);
      if (found === undefined) throw new Refusal(`${name} is not defined`);
      return found.make(new Arguments(found, positional, named));
    },
  });
}

function functionsOf(library: Library, { stepsPerEpoch }: RunShape): readonly Callable[] {
  switch (library) {
    case "pytorch":
      return PYTORCH;
    case "keras":
      return KERAS;
    case "optax":
      return OPTAX;
    case "timm":
      return TIMM;
    case "transformers":
      return TRANSFORMERS;
    case "fastai":
      return fastai(stepsPerEpoch);
    case "ultralytics":
      return ultralytics(stepsPerEpoch);
    case "deepspeed":
      return [];
    default:
      return assertNever(library);
  }
}

function asOutcome(value: Value, { base, hasMomentum = true }: Call, shape: RunShape): Outcome {
  if (value instanceof Map) {
    const optimizer: Value = { kind: "optimizer", base, hasMomentum };
    return asOutcome(
      deepspeedScheduler(value as ReadonlyMap<Value, Value>, optimizer),
      { library: "deepspeed", text: "", base },
      shape,
    );
  }
  if (typeof value === "function") return { kind: "rates", rate: value as Schedule };
  if (typeof value === "number" || typeof value === "bigint") {
    const rate = Number(value);
    return { kind: "rates", rate: () => rate };
  }
  if (typeof value === "object" && value !== null && "kind" in value) {
    if (value.kind === "scheduler") return { kind: "rates", rate: value.rate };
    if (value.kind === "plateau") return value;
  }
  throw new Refusal("it makes no schedule");
}
