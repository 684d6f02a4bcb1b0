import type { Native } from "./exports.ts";
import { kwargs } from "./python.ts";
import type { Schedule } from "../schedule.ts";

type Arguments = Readonly<Record<string, unknown>>;

/** Schedulers of torch that multiply the optimizer's rate, whatever it is. */
const CHAINABLE = new Set([
  "StepLR",
  "MultiStepLR",
  "ExponentialLR",
  "PolynomialLR",
  "LinearLR",
  "ConstantLR",
]);

/** A scheduler of `torch.optim.lr_scheduler`, with its rates as torch 1.13 computes them. */
export const torchNative = (
  name: string,
  values: Arguments,
  base: number,
  rate: Schedule | null,
  why = "",
): Native => ({
  call: `${name}(optimizer, ${kwargs(values)})`,
  imports: [`from torch.optim.lr_scheduler import ${name}`],
  base,
  rate,
  why,
  multiplies: CHAINABLE.has(name),
});

/** Arguments by which a scheduler of torch moves the momentum, or leaves it alone. */
export const torchMomenta = (
  { cycle_momentum, base_momentum, max_momentum }: {
    readonly cycle_momentum: boolean;
    readonly base_momentum: number;
    readonly max_momentum: number;
  },
): Arguments => cycle_momentum ? { base_momentum, max_momentum } : { cycle_momentum };

/** A schedule of Keras, with its rates as Keras 3 computes them (here in double precision). */
export const kerasNative = (
  name: string,
  values: Arguments,
  rate: Schedule | null,
  why = "",
): Native => ({
  call: `keras.optimizers.schedules.${name}(${kwargs(values)})`,
  imports: ["import keras"],
  rate,
  why,
});

/** A scheduler of timm, asked for each step, with the optimizer's rate as `lr`. */
export const timmNative = (name: string, values: Arguments, rate: Schedule, why = ""): Native => ({
  call: `${name}(optimizer, ${kwargs({ ...values, t_in_epochs: false })})`,
  imports: [`from timm.scheduler import ${name}`],
  rate,
  why,
});

/** A schedule of transformers' `optimization.py`. */
export const transformersNative = (
  name: string,
  values: Arguments,
  base: number,
  rate: Schedule | null,
  why = "",
): Native => ({
  call: `${name}(${["optimizer", kwargs(values)].filter((part) => part !== "").join(", ")})`,
  imports: [`from transformers import ${name}`],
  base,
  rate,
  why,
});

/** A constructor of optax that gives other rates for what looks the same. */
export const optaxNative = (name: string, values: Arguments, rate: Schedule | null, why: string): Native => ({
  call: `optax.${name}(${kwargs(values)})`,
  imports: ["import optax"],
  rate,
  why,
});
