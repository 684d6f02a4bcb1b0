import type { Framework, ProgramRun } from "../frameworks/exports.ts";
import { kerasOptimizer, optaxOptimizer, torchClass, torchOptimizer } from "../frameworks/optimizer.ts";
import { kwargs, py, real } from "../frameworks/python.ts";
import type { Plain } from "../param_types.ts";
import type { PARAMS } from "./formula.ts";

type Plateau = Plain<typeof PARAMS> & { readonly lr: number };

/**
 * Lines of a program with ReduceLROnPlateau, with its counts adapted: Keras and optax reduce one evaluation earlier, and
 * Keras ignores one evaluation of the cooldown. For a metric that is not negative they then agree. `null` where the
 * reductions scale another schedule.
 *
 * @throws {RangeError} where a framework lacks the threshold or the mode that the spec asks for.
 */
export function program(v: Plain<typeof PARAMS>, run: ProgramRun): string[] | null {
  return v.scales === null && v.lr !== null ? LINES[run.framework]({ ...v, lr: v.lr }, run) : null;
}

const LINES: Readonly<Record<Framework, (v: Plateau, run: ProgramRun) => string[]>> = {
  pytorch: (v, run) => torchLines(v, run, "torch.optim.lr_scheduler", "ReduceLROnPlateau"),
  transformers: (v, run) => torchLines(v, run, "transformers", "get_reduce_on_plateau_schedule"),
  lightning,
  timm,
  fastai,
  keras,
  optax,
};

const torchArguments = (v: Plateau): string => {
  const { mode, factor, patience, threshold, threshold_mode, cooldown, min_lr, eps } = v;
  return kwargs({ mode, factor, patience, threshold, threshold_mode, cooldown, min_lr, eps });
};

function torchLines(v: Plateau, { optimizer }: ProgramRun, module: string, name: string): string[] {
  return [
    `from torch.optim import ${torchClass(optimizer)}`,
    `from ${module} import ${name}`,
    "",
    `optimizer = ${torchOptimizer(optimizer, real(v.lr))}`,
    `scheduler = ${name}(optimizer, ${torchArguments(v)})`,
    `# after each evaluation: scheduler.step(${v.metric})`,
  ];
}

function lightning(v: Plateau, { optimizer }: ProgramRun): string[] {
  return [
    `from torch.optim import ${torchClass(optimizer)}`,
    "from torch.optim.lr_scheduler import ReduceLROnPlateau",
    "",
    "# a method of the LightningModule, which logs the metric under the name of `monitor`",
    "def configure_optimizers(self):",
    `    optimizer = ${torchOptimizer(optimizer, real(v.lr), "self.parameters()")}`,
    `    scheduler = ReduceLROnPlateau(optimizer, ${torchArguments(v)})`,
    `    return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "monitor": ${
      py(v.metric)
    }, "interval": "epoch"}}`,
  ];
}

function timm(v: Plateau, { optimizer }: ProgramRun): string[] {
  const { threshold, threshold_mode, eps } = v;
  if (threshold_mode === "abs" && threshold !== 0) {
    throw new RangeError(
      "Cannot emit plateau for timm: its threshold is a fraction of the best value; use threshold_mode: rel",
    );
  }
  if (eps !== 1e-8) throw new RangeError("Cannot emit plateau for timm: its eps is 1e-8; leave eps out");
  return [
    "from timm.scheduler import PlateauLRScheduler",
    `from torch.optim import ${torchClass(optimizer)}`,
    "",
    `optimizer = ${torchOptimizer(optimizer, real(v.lr))}`,
    `scheduler = PlateauLRScheduler(optimizer, ${timmArguments(v)})`,
    `# after evaluation number n = 1, 2, ...: scheduler.step(n, ${v.metric})`,
    "# its state_dict leaves the counts out: save scheduler.lr_scheduler.state_dict() too",
  ];
}

/** fastai counts evaluations as PyTorch does from patience − 1 on, and has no cooldown. */
function fastai(v: Plateau): string[] {
  const { lr, metric, mode, factor, patience, threshold, threshold_mode, cooldown, min_lr } = v;
  if (cooldown > 0) {
    throw new RangeError("Cannot emit plateau for fastai: it has no cooldown; leave cooldown out");
  }
  if (threshold_mode === "rel" && threshold !== 0) {
    throw new RangeError(
      "Cannot emit plateau for fastai: its min_delta is a difference; use threshold_mode: abs",
    );
  }
  const monitor = metric === "validation_loss" ? "valid_loss" : "accuracy";
  const options = kwargs({ min_delta: threshold, patience: patience + 1, factor: 1 / factor, min_lr });
  return [
    "import numpy as np",
    "from fastai.callback.tracker import ReduceLROnPlateau",
    "",
    "# fastai reduces after `patience` bad evaluations, not after more, and divides by `factor`.",
    `callback = ReduceLROnPlateau(monitor=${py(monitor)}, comp=np.${
      mode === "min" ? "less" : "greater"
    }, ${options})`,
    `# learn.fit(epochs, lr=${real(lr)}, cbs=callback)`,
  ];
}

function keras(v: Plateau, { optimizer }: ProgramRun): string[] {
  const { lr, metric, mode, factor, patience, threshold, threshold_mode, cooldown, min_lr } = v;
  if (threshold_mode === "rel" && threshold !== 0) {
    throw new RangeError(
      "Cannot emit plateau for keras: its min_delta is a difference; use threshold_mode: abs",
    );
  }
  const options = kwargs({
    monitor: metric === "validation_loss" ? "val_loss" : "val_accuracy",
    mode,
    factor,
    patience: patience + 1,
    min_delta: threshold,
    cooldown: cooldown === 0 ? 0 : cooldown + 1,
    min_lr,
  });
  return [
    "import keras",
    "",
    ...kerasOptimizer(optimizer, real(lr)),
    "# Keras reduces after `patience` bad evaluations, not after more, and its cooldown ends one earlier.",
    `callback = keras.callbacks.ReduceLROnPlateau(${options})`,
  ];
}

/** The smallest difference that optax takes for a threshold of 0: below any step of a float. */
const NO_THRESHOLD = 1e-37;

function optax(v: Plateau, { optimizer }: ProgramRun): string[] {
  const { lr, metric, mode, factor, patience, threshold, threshold_mode, cooldown, min_lr } = v;
  if (mode === "max") {
    throw new RangeError("Cannot emit plateau for optax: it only watches for smaller values");
  }
  const options = kwargs({
    factor,
    patience: patience + 1,
    rtol: threshold_mode === "rel" ? threshold : 0,
    atol: threshold === 0 ? NO_THRESHOLD : threshold_mode === "abs" ? threshold : 0,
    cooldown,
    min_scale: min_lr / lr,
  });
  return [
    "import optax",
    "from optax.contrib import reduce_on_plateau",
    "",
    "# optax reduces after `patience` bad evaluations, not after more.",
    ...(threshold === 0 ? ["# One of its thresholds must be above 0; this one is too small to count."] : []),
    `optimizer = optax.chain(${optaxOptimizer(optimizer, real(lr))}, reduce_on_plateau(${options}))`,
    `# pass value=${metric} to optimizer.update; each call of it counts as an evaluation`,
  ];
}

/** The arguments of timm's PlateauLRScheduler; its mode is max unless one is given. */
export function timmArguments(
  { mode, factor, patience, threshold, cooldown, min_lr }: Omit<Plateau, "lr">,
): string {
  return kwargs({
    decay_rate: factor,
    patience_t: patience,
    threshold,
    cooldown_t: cooldown,
    lr_min: min_lr,
    mode,
  });
}
