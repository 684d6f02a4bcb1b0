import { listOf, numberOf, type Optimizer, Refusal, type Scheduler, type Value } from "./evaluate.ts";
import { parseExpression } from "./syntax.ts";
import type { Schedule } from "#schedules/schedule.ts";

/** A parameter's name with its default; a default of `undefined` is required. */
type Signature = Readonly<Record<string, Value | undefined>>;

/** A function of a library: its signature as Python writes it, and what a call of it makes. */
export interface Callable {
  readonly name: string;
  readonly signature: Signature;
  readonly make: (given: Arguments) => Value;
}

/**
 * A function of a library by its signature, `CosineDecay(initial_learning_rate, decay_steps, alpha=0.0)`.
 *
 * @throws {SyntaxError} for a text that is no signature.
 */
export function define(signature: string, make: (given: Arguments) => Value): Callable {
  const call = parseExpression(signature);
  if (call.kind !== "call") throw new SyntaxError(`Cannot read ${signature} as a signature`);
  const required = call.positional.map((part) => [part.kind === "name" ? part.name : "", undefined] as const);
  const optional = Object.entries(call.named).map(([key, part]) => {
    if (part.kind === "literal") return [key, part.value] as const;
    if (part.kind === "negative" && part.of.kind === "literal") {
      return [key, -(part.of.value as bigint)] as const;
    }
    throw new SyntaxError(`Cannot read the default of ${key} in ${signature}`);
  });
  return { name: call.name, signature: Object.fromEntries([...required, ...optional]), make };
}

/** The arguments of one call, by name. */
export class Arguments {
  readonly #values: ReadonlyMap<string, Value>;

  /** @throws {Refusal} for an argument that the function does not have, or one that is missing. */
  constructor(
    { name, signature }: Callable,
    positional: readonly Value[],
    named: Readonly<Record<string, Value>>,
  ) {
    const names = Object.keys(signature);
    const stray = Object.keys(named).find((key) => !names.includes(key));
    if (stray !== undefined) throw new Refusal(`${name} has no argument ${stray}`);
    if (positional.length > names.length) {
      throw new Refusal(`${name} takes at most ${names.length} arguments`);
    }
    this.#values = new Map(names.map((key, index) => {
      const value = named[key] ?? positional[index] ?? (key in named ? null : signature[key]);
      if (value === undefined) throw new Refusal(`${name} needs ${key}`);
      return [key, value];
    }));
  }

  value(key: string): Value {
    return this.#values.get(key)!;
  }

  /** A number of either kind. */
  number(key: string): number {
    return numberOf(this.value(key));
  }

  numberOrNone(key: string): number | null {
    return this.value(key) === null ? null : this.number(key);
  }

  /** @throws {Refusal} for a number that Python does not take for an int. */
  whole(key: string): number {
    const value = this.value(key);
    if (typeof value !== "bigint") throw new Refusal(`${key} must be a whole number`);
    return Number(value);
  }

  isWhole(key: string): boolean {
    return typeof this.value(key) === "bigint";
  }

  flag(key: string): boolean {
    return this.value(key) === true;
  }

  text(key: string): string {
    return String(this.value(key));
  }

  numbers(key: string): readonly number[] {
    return listOf(this.value(key)).map(numberOf);
  }

  /** A dict of numbers as pairs, in ascending order of their keys. */
  pairs(key: string): readonly (readonly [number, number])[] {
    const value = this.value(key);
    if (!(value instanceof Map)) throw new Refusal(`${key} must be a dict`);
    return [...value].map(([at, scale]) => [numberOf(at), numberOf(scale)] as const).sort((a, b) =>
      a[0] - b[0]
    );
  }

  /** A schedule, or a number that stands for a constant one. */
  schedules(key: string): readonly Schedule[] {
    return listOf(this.value(key)).map((value) => {
      if (typeof value !== "function") throw new Refusal(`${key} must be a list of schedules`);
      return value as Schedule;
    });
  }

  schedule(key: string): Schedule {
    const value = this.value(key);
    if (typeof value !== "function") throw new Refusal(`${key} must be a function`);
    return value as Schedule;
  }

  optimizer(): Optimizer {
    return this.value("optimizer") as Optimizer;
  }

  schedulers(key: string): readonly Scheduler[] {
    return listOf(this.value(key)) as readonly Scheduler[];
  }
}
