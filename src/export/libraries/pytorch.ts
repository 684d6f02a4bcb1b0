import type { Schedule } from "#schedules/schedule.ts";
import { type Arguments, define } from "../python/arguments.ts";
import { Refusal, type Scheduler, scheduler } from "../python/evaluate.ts";
import { oneCycleLR } from "./pytorch_one_cycle.ts";
import { torchPlateau } from "./plateau.ts";

/** A scheduler whose step multiplies the rate that it finds: PyTorch's chainable form. */
const chainable = (given: Arguments, factor: Schedule): Scheduler => {
  const { base } = given.optimizer();
  return { kind: "scheduler", rate: (t) => base * factor(t), factor };
};

function linearLR(given: Arguments): Scheduler {
  const [start, end, total] = [
    given.number("start_factor"),
    given.number("end_factor"),
    given.number("total_iters"),
  ];
  if (!(start > 0 && start <= 1)) throw new Refusal("LinearLR needs 0 < start_factor <= 1");
  if (!(end >= 0 && end <= 1)) throw new Refusal("LinearLR needs 0 <= end_factor <= 1");
  return chainable(given, (t) => start + (end - start) * Math.min(t, total) / total);
}

/** The recursion of PyTorch and its closed form agree, past `T_max` too. */
function cosineAnnealingLR(given: Arguments): Scheduler {
  const { base } = given.optimizer();
  const [T, low] = [given.number("T_max"), given.number("eta_min")];
  const wave: Schedule = (t) => (1 + Math.cos(Math.PI * t / T)) / 2;
  return low === 0 ? chainable(given, wave) : scheduler((t) => low + (base - low) * wave(t));
}

function warmRestarts(given: Arguments): Scheduler {
  const { base } = given.optimizer();
  if (!given.isWhole("T_mult")) throw new Refusal("CosineAnnealingWarmRestarts takes whole T_mult only");
  const [T_0, T_mult, low] = [given.whole("T_0"), given.whole("T_mult"), given.number("eta_min")];
  return scheduler((t) => {
    let [position, length] = [t, T_0];
    if (T_mult === 1) position = t % T_0;
    else while (position >= length) [position, length] = [position - length, length * T_mult];
    return low + (base - low) * (1 + Math.cos(Math.PI * position / length)) / 2;
  });
}

function cyclicLR(given: Arguments): Scheduler {
  if (given.flag("cycle_momentum") && !given.optimizer().hasMomentum) {
    throw new Refusal("CyclicLR cycles a momentum, which this optimizer does not have");
  }
  const [low, high, up] = [given.number("base_lr"), given.number("max_lr"), given.number("step_size_up")];
  const size = up + (given.numberOrNone("step_size_down") ?? up);
  const [mode, gamma] = [given.text("mode"), given.number("gamma")];
  const rate: Schedule = (t) => {
    const cycle = Math.floor(1 + t / size);
    const x = 1 + t / size - cycle;
    const height = x <= up / size ? x / (up / size) : (x - 1) / (up / size - 1);
    const scale = mode === "triangular" ? 1 : mode === "triangular2" ? 2 ** (1 - cycle) : gamma ** t;
    return low + (high - low) * height * scale;
  };
  return { kind: "scheduler", rate, setsRate: true };
}

/** One scheduler after the other: each starts from the optimizer's own rate at its milestone. */
function sequentialLR(given: Arguments): Scheduler {
  const [parts, milestones] = [given.schedulers("schedulers"), given.numbers("milestones")];
  if (milestones.length !== parts.length - 1) {
    throw new Refusal("SequentialLR needs one milestone between two schedulers");
  }
  if (parts.some(({ setsRate }) => setsRate)) {
    throw new Refusal("SequentialLR holds schedulers that start from the optimizer's own rate only");
  }
  const rate: Schedule = (t) => {
    let index = 0;
    while (index < milestones.length && t >= milestones[index]!) index++;
    return parts[index]!.rate(t - (index === 0 ? 0 : milestones[index - 1]!));
  };
  return { kind: "scheduler", rate, setsRate: true };
}

function chainedScheduler(given: Arguments): Scheduler {
  const factors = given.schedulers("schedulers").map(({ factor }) => factor);
  if (factors.some((factor) => factor === undefined)) {
    throw new Refusal("ChainedScheduler multiplies; a scheduler in it sets the rate instead");
  }
  const [first] = given.schedulers("schedulers");
  const product: Schedule = (t) => factors.slice(1).reduce((value, factor) => value * factor!(t), 1);
  return { kind: "scheduler", rate: (t) => first!.rate(t) * product(t), setsRate: true };
}

/** Schedulers of `torch.optim.lr_scheduler`, as PyTorch 1.13 and 2.13 compute them. */
export const PYTORCH = [
  define(
    "StepLR(optimizer, step_size, gamma=0.1, last_epoch=-1)",
    (v) => chainable(v, (t) => v.number("gamma") ** Math.floor(t / v.number("step_size"))),
  ),
  define(
    "MultiStepLR(optimizer, milestones, gamma=0.1, last_epoch=-1)",
    (v) => {
      const milestones = v.numbers("milestones");
      return chainable(v, (t) => v.number("gamma") ** milestones.filter((at) => at <= t).length);
    },
  ),
  define(
    "ConstantLR(optimizer, factor=0.3333333333333333, total_iters=5, last_epoch=-1)",
    (v) => {
      if (!(v.number("factor") >= 0 && v.number("factor") <= 1)) {
        throw new Refusal("ConstantLR needs 0 <= factor <= 1");
      }
      return chainable(v, (t) => t < v.number("total_iters") ? v.number("factor") : 1);
    },
  ),
  define(
    "LinearLR(optimizer, start_factor=0.3333333333333333, end_factor=1.0, total_iters=5, last_epoch=-1)",
    linearLR,
  ),
  define(
    "ExponentialLR(optimizer, gamma, last_epoch=-1)",
    (v) => chainable(v, (t) => v.number("gamma") ** t),
  ),
  define(
    "PolynomialLR(optimizer, total_iters=5, power=1.0, last_epoch=-1)",
    (v) => chainable(v, (t) => (1 - Math.min(1, t / v.number("total_iters"))) ** v.number("power")),
  ),
  define("CosineAnnealingLR(optimizer, T_max, eta_min=0.0, last_epoch=-1)", cosineAnnealingLR),
  define("CosineAnnealingWarmRestarts(optimizer, T_0, T_mult=1, eta_min=0.0, last_epoch=-1)", warmRestarts),
  define(
    'CyclicLR(optimizer, base_lr, max_lr, step_size_up=2000, step_size_down=None, mode="triangular", gamma=1.0, ' +
      'scale_fn=None, scale_mode="cycle", cycle_momentum=True, base_momentum=0.8, max_momentum=0.9, last_epoch=-1)',
    cyclicLR,
  ),
  define(
    "OneCycleLR(optimizer, max_lr, total_steps=None, epochs=None, steps_per_epoch=None, pct_start=0.3, " +
      'anneal_strategy="cos", cycle_momentum=True, base_momentum=0.85, max_momentum=0.95, div_factor=25.0, ' +
      "final_div_factor=10000.0, three_phase=False, last_epoch=-1)",
    oneCycleLR,
  ),
  define("SequentialLR(optimizer, schedulers, milestones, last_epoch=-1)", sequentialLR),
  define("ChainedScheduler(schedulers)", chainedScheduler),
  define("LambdaLR(optimizer, lr_lambda, last_epoch=-1)", (v) => {
    const [{ base }, factor] = [v.optimizer(), v.schedule("lr_lambda")];
    return scheduler((t) => base * factor(t));
  }),
  define(
    'ReduceLROnPlateau(optimizer, mode="min", factor=0.1, patience=10, threshold=0.0001, threshold_mode="rel", ' +
      "cooldown=0, min_lr=0.0, eps=0.00000001)",
    torchPlateau,
  ),
];
