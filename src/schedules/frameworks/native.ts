import type { RunShape } from "../schedule.ts";
import type { Native } from "./exports.ts";
import { kwargs, py, real } from "./python.ts";

type Arguments = Readonly<Record<string, unknown>>;

/** A scheduler of `torch.optim.lr_scheduler`. */
export const torchNative = (name: string, values: Arguments, base: number, why = ""): Native => ({
  call: `${name}(optimizer, ${kwargs(values)})`,
  imports: [`from torch.optim.lr_scheduler import ${name}`],
  base,
  why,
});

/** Arguments by which a scheduler of torch moves the momentum, or leaves it alone. */
export const torchMomenta = (
  { cycle_momentum, base_momentum, max_momentum }: {
    readonly cycle_momentum: boolean;
    readonly base_momentum: number;
    readonly max_momentum: number;
  },
): Arguments => cycle_momentum ? { base_momentum, max_momentum } : { cycle_momentum };

/** A schedule of Keras. */
export const kerasNative = (name: string, values: Arguments, why = ""): Native => ({
  call: `keras.optimizers.schedules.${name}(${kwargs(values)})`,
  imports: ["import keras"],
  why,
});

/** A scheduler of timm, asked for each step, with the optimizer's rate as its highest. */
export const timmNative = (name: string, values: Arguments, base: number, why = ""): Native => ({
  call: `${name}(optimizer, ${kwargs({ ...values, t_in_epochs: false })})`,
  imports: [`from timm.scheduler import ${name}`],
  base,
  why,
});

/** A schedule of transformers' `optimization.py`. */
export const transformersNative = (name: string, values: Arguments, base: number, why = ""): Native => ({
  call: `${name}(${["optimizer", kwargs(values)].filter((part) => part !== "").join(", ")})`,
  imports: [`from transformers import ${name}`],
  base,
  why,
});

/** A constructor of optax that gives other rates for what looks the same. */
export const optaxNative = (name: string, values: Arguments, why: string): Native => ({
  call: `optax.${name}(${kwargs(values)})`,
  imports: ["import optax"],
  why,
});

/** A training of fastai by one of its own methods. */
export const fastaiNative = (name: string, values: Arguments, why = ""): Native => ({
  call: `learn.${name}(${kwargs(values)})`,
  imports: ["from fastai.callback.schedule import *"],
  why,
});

/** Epochs of a run, the last one begun. */
const epochsOf = ({ totalSteps, stepsPerEpoch }: RunShape): number => Math.ceil(totalSteps / stepsPerEpoch);

/** A training of fastai at one rate, or by a function of the fraction of training that is done. */
export function fastaiFit(
  shape: RunShape,
  given: { readonly lr: number } | { readonly scheds: string },
  why = "",
): Native {
  const epochs = epochsOf(shape);
  const how = "lr" in given ? `lr=${real(given.lr)}` : `cbs=ParamScheduler({"lr": ${given.scheds}})`;
  const names = [...new Set(how.match(/\b(ParamScheduler|Sched\w+|combine_scheds)\b/g))];
  const imports = names.length === 0 ? [] : [`from fastai.callback.schedule import ${names.join(", ")}`];
  return { call: `learn.fit(${epochs}, ${how})`, imports, why };
}

/** A training of fastai by `curve` over so many steps, and at the rate `end` after it. */
export function fastaiThenFlat(shape: RunShape, steps: number, end: number, curve: string): Native {
  const total = epochsOf(shape) * shape.stepsPerEpoch;
  if (steps >= total) {
    return fastaiFit(
      shape,
      { scheds: curve },
      steps === total ? "" : "SchedLin and SchedCos end with the training",
    );
  }
  const part = steps / total;
  return fastaiFit(shape, {
    scheds: `combine_scheds(${py([part, 1 - part])}, [${curve}, SchedNo(${real(end)}, ${real(end)})])`,
  });
}

/** A scheduler in DeepSpeed's configuration, as JSON. */
export const deepspeedNative = (type: string, params: Arguments, base: number, why = ""): Native => ({
  call: JSON.stringify({ type, params }),
  imports: [],
  base,
  why: why === "" ? `${type} is one step behind` : why,
});

/** Rates of Ultralytics' `train`, which holds them within an epoch. */
export function ultralyticsNative(
  shape: RunShape,
  { duration, lr, end, cosine }: {
    readonly duration: number;
    readonly lr: number;
    readonly end: number;
    readonly cosine: boolean;
  },
): Native {
  const values = {
    epochs: Math.max(1, Math.round(duration / shape.stepsPerEpoch)),
    lr0: lr,
    lrf: end / lr,
    cos_lr: cosine,
    warmup_epochs: 0,
  };
  return {
    call: `model.train(${kwargs(values)})`,
    imports: [],
    why: "Ultralytics changes the rate once an epoch, and counts whole epochs",
  };
}
