import { assertNever } from "#lib/assert_never.ts";
import type { RunRecord } from "#results/run.ts";
import type { Summary } from "#results/summary.ts";
import { decouplesDecay, optimizerSettings } from "#spec/optimizer_settings.ts";
import type { Fact } from "../../model.ts";
import type { Table } from "../../table.ts";
import { compact, counted, fixed } from "../../format/numbers.ts";
import { settingLabel } from "../../format/settings.ts";

/** What was trained, on what, how long. */
export function setupFacts(summary: Summary, records: readonly RunRecord[]): Fact[] {
  const { dataset, model } = summary;
  const plans = records.flatMap(({ plan }) => plan.role === "arm" ? plan : []);
  const plan = plans[0];
  const seeds = [
    ...new Set(summary.arms.flatMap(({ runs }) => runs.map(({ seed, member }) => member?.of ?? seed))),
  ];
  const facts: Fact[] = [
    {
      label: "Data",
      value:
        `${dataset.name}: ${fixed(dataset.train, 0)} training, ${fixed(dataset.validation, 0)} validation, ` +
        `${fixed(dataset.test, 0)} test images`,
    },
    { label: "Model", value: model },
    { label: "Seeds", value: `${seeds.join(", ")} (paired: same weights, same batches)` },
  ];
  const losses: Fact = { label: "Loss", value: lossesText(plans) };
  return plan ? [...facts, losses, ...planFacts(plan)] : facts;
}

function planFacts(plan: RunRecord["plan"]): Fact[] {
  const { optimizer, batch_size, total_steps, steps_per_epoch, eval_every, read_test } = plan;
  const epochs = fixed(total_steps / steps_per_epoch, 1).replace(/\.0$/, "");
  return [
    { label: "Optimizer", value: optimizerText(optimizer) },
    { label: "Batch", value: batchText(batch_size, plan.accumulate ?? 1) },
    { label: "Augmentation", value: plan.dataset.augment.join(", ") || "none" },
    {
      label: "Duration",
      value: `${counted(total_steps, "step")}, ${epochs} epochs of ${counted(steps_per_epoch, "step")}`,
    },
    {
      label: "Evaluation",
      value: `every ${counted(eval_every, "step")} on validation data${
        read_test ? "; test data read once, at the end" : ""
      }`,
    },
  ];
}

/** What the arms train with; each arm by its name where they differ. */
function lossesText(plans: readonly RunRecord["plan"][]): string {
  const arms = new Map<string, Set<string>>();
  for (const { arm, loss } of plans) {
    const text = lossText(loss);
    arms.set(text, (arms.get(text) ?? new Set()).add(arm));
  }
  if (arms.size <= 1) return [...arms.keys()].join();
  return [...arms].map(([text, names]) => `${text} (${[...names].join(", ")})`).join("; ");
}

/** `cross-entropy`, `cross-entropy, labels smoothed by 0.1`, `focal, gamma 2`. */
export function lossText(loss: RunRecord["plan"]["loss"]): string {
  switch (loss?.name) {
    case undefined:
      return "cross-entropy";
    case "cross_entropy":
      return `cross-entropy, labels smoothed by ${compact(loss.label_smoothing)}`;
    case "focal":
      return `focal, gamma ${compact(loss.gamma)}`;
    default:
      return assertNever(loss);
  }
}

/** `64 images`, or of how many parts a step is made. */
export function batchText(size: number, accumulate: number): string {
  const images = counted(size, "image");
  return accumulate === 1
    ? images
    : `${counted(size * accumulate, "image")} a step, in ${counted(accumulate, "part")} of ${images}`;
}

/** An optimizer and its constants: `sgd, momentum 0.9, weight decay 0.0005`. */
export function optimizerText(optimizer: RunRecord["plan"]["optimizer"]): string {
  const { weight_decay, clip_value, clip_norm, reset_at_restart, groups } = optimizer;
  const decay = decouplesDecay(optimizer) ? "decoupled weight decay" : "weight decay";
  return [
    ...constantsText(optimizer),
    ...(weight_decay > 0 ? [`${decay} ${compact(weight_decay)}`] : []),
    ...(clip_value ? [`gradient components at most ${compact(clip_value)}`] : []),
    ...(clip_norm !== null ? [`gradient norm at most ${compact(clip_norm)}`] : []),
    ...(reset_at_restart ? ["slots back to zero at each restart"] : []),
    ...(groups ?? []).map(groupText),
  ].join(", ");
}

/** A switch stands in brackets behind the setting before it: `momentum 0.9 (Nesterov)`. */
function constantsText(optimizer: RunRecord["plan"]["optimizer"]): string[] {
  const texts: string[] = [optimizer.name];
  for (const setting of optimizerSettings(optimizer)) {
    if (setting.kind === "switch") texts.push(`${texts.pop()} (${setting.label})`);
    else texts.push(`${setting.key} ${setting.values.map((value) => compact(value, 6)).join(" and ")}`);
  }
  return texts;
}

/** What is special about the parameters of a group: `conv1/*: rate times 0.1, frozen until 2 epochs`. */
function groupText(group: NonNullable<RunRecord["plan"]["optimizer"]["groups"]>[number]): string {
  const told = [
    ...(group.schedule ? [scheduleText(group.schedule)] : []),
    ...(group.lr_factor !== undefined ? [`rate times ${compact(group.lr_factor)}`] : []),
    ...(typeof group.weight_decay === "number" ? [`weight decay ${compact(group.weight_decay)}`] : []),
    ...(group.frozen_until ? [`frozen until ${group.frozen_until}`] : []),
    ...(group.frozen_from ? [`frozen from ${group.frozen_from}`] : []),
  ];
  return `${group.match}: ${told.join(" and ") || "as the rest"}`;
}

/** The schedule of each arm, with the rate that tuning chose. */
export function schedulesTable({ arms }: Summary): Table {
  return {
    kind: "table",
    caption: "Schedules",
    columns: [{ label: "arm", align: "left" }, { label: "schedule", align: "left" }],
    keys: 1,
    rows: arms.map(({ name, schedule }, series) => ({ series, cells: [name, scheduleText(schedule)] })),
    note: "",
  };
}

/** `multistep: lr 0.05, gamma 0.1, milestones 33 / 67 / 89 %`. */
function scheduleText(schedule: unknown): string {
  if (typeof schedule !== "object" || schedule === null) return settingLabel(schedule);
  const { name, ...parameters } = schedule as Record<string, unknown>;
  const told = Object.entries(parameters).map(([key, value]) =>
    typeof value === "object" && value !== null && "name" in value
      ? `${key} (${scheduleText(value)})`
      : `${key} ${settingLabel(value)}`
  );
  return `${String(name)}${told.length > 0 ? `: ${told.join(", ")}` : ""}`;
}

/** Which machine and which versions made the numbers. */
export function provenanceFacts(
  { device, provenance, dataset }: Pick<Summary, "device" | "provenance" | "dataset">,
): Fact[] {
  return [
    { label: "Device", value: `${device.backend}: ${device.name}${device.detail && ` (${device.detail})`}` },
    ...(device.why ? [{ label: "Why not a better device", value: device.why }] : []),
    { label: "Started", value: provenance.at },
    {
      label: "Wall time",
      value: `${duration(provenance.wall_s)}, ${counted(provenance.jobs, "run")} at a time`,
    },
    {
      label: "Versions",
      value: Object.entries(provenance.versions).map((pair) => pair.join(" ")).join(", "),
    },
    { label: "Commit", value: provenance.commit ?? "unknown" },
    { label: "Digest of the spec", value: provenance.spec_digest },
    { label: "Digest of the data", value: dataset.digest },
  ];
}

/** `45 s`, `2 min 05 s`, `3 h 12 min`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}
