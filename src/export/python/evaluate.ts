import type { Schedule } from "#schedules/schedule.ts";
import type { Expression, Operator } from "./syntax.ts";

/** A value of an emitted call. Whole numbers are bigints, so that int and float stay apart as in Python. */
export type Value =
  | bigint
  | number
  | string
  | boolean
  | null
  | readonly Value[]
  | ReadonlyMap<Value, Value>
  | Schedule
  | Scheduler
  | Plateau
  | Optimizer;

/** A scheduler of PyTorch's kind: an object that sets the optimizer's rate. */
export interface Scheduler {
  readonly kind: "scheduler";
  /** The rate of each step. */
  readonly rate: Schedule;
  /** Its rate divided by the optimizer's own, where each step multiplies the rate that it finds. */
  readonly factor?: Schedule;
  /** True where it replaces the optimizer's own rate when it is made, which other schedulers then start from. */
  readonly setsRate?: boolean;
}

/** A scheduler that knows no more than the rate of each step. */
export const scheduler = (rate: Schedule): Scheduler => ({ kind: "scheduler", rate });

/** A schedule that depends on evaluations. */
export interface Plateau {
  readonly kind: "plateau";
  /** The rate after each evaluation of these metrics, for an optimizer whose own rate is `first`. */
  rates(metrics: readonly number[], first: number): readonly number[];
}

/** The optimizer that a call refers to. */
export interface Optimizer {
  readonly kind: "optimizer";
  /** Its own rate. */
  readonly base: number;
  /** False for Adam and its kin, whose first beta takes the place of momentum. */
  readonly hasMomentum: boolean;
}

/** A framework's refusal of a call: an exception there, in one clause. */
export class Refusal extends Error {}

/** The names that a call may use: values, and functions that are called with arguments. */
export interface Scope {
  readonly values: Readonly<Record<string, Value>>;
  readonly call: (
    name: string,
    positional: readonly Value[],
    named: Readonly<Record<string, Value>>,
  ) => Value;
}

/**
 * The value of an expression.
 *
 * @throws {Refusal} for a name that is not defined, and where a call is refused.
 */
export function evaluate(expression: Expression, scope: Scope): Value {
  const inner = (part: Expression) => evaluate(part, scope);
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "name":
      if (!Object.hasOwn(scope.values, expression.name)) {
        throw new Refusal(`${expression.name} is not defined`);
      }
      return scope.values[expression.name]!;
    case "list":
      return expression.items.map(inner);
    case "dict":
      return new Map(expression.entries.map(([key, value]) => [inner(key), inner(value)]));
    case "each": {
      const { item, variable, of } = expression;
      return listOf(inner(of)).map((value) =>
        evaluate(item, { ...scope, values: { ...scope.values, [variable]: value } })
      );
    }
    case "negative": {
      const value = inner(expression.of);
      return typeof value === "bigint" ? -value : -numberOf(value);
    }
    case "binary":
      return calculate(expression.operator, inner(expression.left), inner(expression.right));
    case "lambda":
      return compile(expression.body, expression.parameter, scope);
    case "apply":
      return functionOf(inner(expression.callee))(numberOf(inner(expression.argument)));
    case "call":
      return callOf(expression, scope);
  }
}

function callOf({ name, positional, named }: Extract<Expression, { kind: "call" }>, scope: Scope): Value {
  const given = positional.map((part) => evaluate(part, scope));
  if (name === "range") return rangeOf(given.map(numberOf));
  if (name === "list") return listOf(given[0]!);
  const own = Object.hasOwn(scope.values, name) ? scope.values[name] : undefined;
  if (typeof own === "function") return own(numberOf(given[0]!));
  const byName = Object.fromEntries(Object.entries(named).map(([key, part]) => [key, evaluate(part, scope)]));
  return scope.call(name, given, byName);
}

/** A function of the step, prepared once: calls in it are found before it is asked. */
function compile(body: Expression, parameter: string, scope: Scope): Schedule {
  const inner = (part: Expression) => compile(part, parameter, scope);
  switch (body.kind) {
    case "name":
      if (body.name === parameter) return (t) => t;
      break;
    case "negative": {
      const of = inner(body.of);
      return (t) => -of(t);
    }
    case "binary": {
      const [left, right, operate] = [inner(body.left), inner(body.right), OPERATIONS[body.operator]];
      return (t) => operate(left(t), right(t));
    }
    case "apply": {
      const [called, argument] = [functionOf(evaluate(body.callee, scope)), inner(body.argument)];
      return (t) => called(argument(t));
    }
    case "call": {
      const called = Object.hasOwn(scope.values, body.name)
        ? scope.values[body.name]
        : MATH[body.name] ?? undefined;
      if (typeof called === "function") {
        const argument = inner(body.positional[0]!);
        return (t) => called(argument(t));
      }
      break;
    }
    default:
  }
  const constant = numberOf(evaluate(body, scope));
  return () => constant;
}

const MATH: Readonly<Record<string, Schedule>> = {
  "math.cos": Math.cos,
  "math.sqrt": Math.sqrt,
  "math.exp": Math.exp,
};

/** Python's remainder, which has the sign of the divisor. */
const modulo = (a: number, b: number): number => {
  const remainder = a % b;
  return remainder !== 0 && remainder < 0 !== b < 0 ? remainder + b : remainder;
};

/** Python's `//`: the floor of the quotient itself, not of the rounded one. */
export function floorDivide(a: number, b: number): number {
  return Math.round((a - modulo(a, b)) / b);
}

const OPERATIONS: Readonly<Record<Operator, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "//": floorDivide,
  "%": modulo,
  "**": (a, b) => a ** b,
};

function calculate(operator: Operator, left: Value, right: Value): Value {
  const result = OPERATIONS[operator](numberOf(left), numberOf(right));
  const whole = typeof left === "bigint" && typeof right === "bigint" && operator !== "/";
  return whole && Number.isSafeInteger(result) ? BigInt(result) : result;
}

function rangeOf(given: readonly number[]): bigint[] {
  const [start, end, step = 1] = given.length === 1 ? [0, given[0]!] : given as [number, number, number?];
  const count = Math.max(0, Math.ceil((end - start) / step));
  return Array.from({ length: count }, (_, index) => BigInt(start + index * step));
}

/** @throws {Refusal} for a value that is no number. */
export function numberOf(value: Value): number {
  if (typeof value === "bigint" || typeof value === "number") return Number(value);
  throw new Refusal("a number is expected");
}

function functionOf(value: Value): Schedule {
  if (typeof value === "function") return value as Schedule;
  throw new Refusal("a function is expected");
}

/** @throws {Refusal} for a value that is no list. */
export function listOf(value: Value): readonly Value[] {
  if (Array.isArray(value)) return value;
  throw new Refusal("a list is expected");
}
