import type { ScheduleSpec } from "#schedules/schedule.ts";
import { type Preset, warmupCosine } from "./preset.ts";

const ESCAPE = "local-minima-escape.md, parameter guidelines";
const STAGES = "local-minima-escape.md, different training stages";

const escape = (lr: number, multiplier: number): ScheduleSpec => ({
  name: "aggressive_restart",
  lr,
  multiplier,
});

/** Setups out of local minima, and by stage of training. */
export const ESCAPES: readonly Preset[] = [
  {
    name: "escape-fresh",
    summary: "escape from local minima, fresh training: 1e-4 × 2.5 every epoch",
    schedule: escape(1e-4, 2.5),
    duration: "60 epochs",
    optimizer: { name: "adamw" },
    clipNorm: 1,
    why: "Moderate exploration: a multiplier of 2 to 3.",
    source: ESCAPE,
  },
  {
    name: "escape-resume",
    summary: "escape, resumed from a checkpoint: 5e-5 × 4 every epoch",
    schedule: escape(5e-5, 4),
    duration: "60 epochs",
    optimizer: { name: "adamw" },
    clipNorm: 1,
    why: "A lower base and a higher multiplier (3 to 4): from 2e-4 down to 5e-8 in every epoch.",
    source: ESCAPE,
  },
  {
    name: "escape-desperate",
    summary: "escape, desperate: 3e-5 × 5 every epoch",
    schedule: escape(3e-5, 5),
    duration: "60 epochs",
    optimizer: { name: "adamw" },
    clipNorm: 1,
    why: "Maximum exploration: a multiplier of 4 to 6.",
    source: ESCAPE,
  },
  {
    name: "escape-fine-tuning",
    summary: "escape, fine-tuning: 1e-5 × 1.75 every epoch",
    schedule: escape(1e-5, 1.75),
    duration: "60 epochs",
    optimizer: { name: "adamw" },
    clipNorm: 1,
    why: "A gentle perturbation: a multiplier of 1.5 to 2.",
    source: ESCAPE,
  },
  {
    name: "stage-early",
    summary: "early in training (epochs 0 to 30): stability, warmup of 10 epochs to 1e-4",
    schedule: warmupCosine("10 epochs", 1e-4, 1e-6, "90 epochs"),
    duration: "100 epochs",
    optimizer: { name: "adamw" },
    clipNorm: 1,
    why: "First a stable descent; restarts would only undo it.",
    source: STAGES,
  },
  {
    name: "stage-middle",
    summary: "middle of training (epochs 30 to 70): exploration by warm restarts every 20 epochs",
    schedule: { name: "sgdr", lr: 1e-4, eta_min: 1e-6, T_0: "20 epochs" },
    duration: "80 epochs",
    optimizer: { name: "adamw" },
    clipNorm: 1,
    why: "Restarts add exploration once the first descent has flattened.",
    source: STAGES,
  },
  {
    name: "stage-late",
    summary: "late in training (from epoch 70 on): out of a local minimum by 5e-5 × 3 every epoch",
    schedule: escape(5e-5, 3),
    duration: "30 epochs",
    optimizer: { name: "adamw" },
    clipNorm: 1,
    why: "A jump every epoch, when nothing else moves the metric.",
    source: STAGES,
  },
];
