import type { RunRecord } from "#results/run.ts";
import type { Summary } from "#results/summary.ts";
import { decouplesDecay, optimizerSettings } from "#spec/optimizer_settings.ts";
import { compact } from "#lib/numbers.ts";
import { settingLabel } from "../../format/settings.ts";
import { left, type Table, tableOf } from "../../table.ts";

/** An optimizer and its constants: `sgd, momentum 0.9, weight decay 0.0005`. */
export function optimizerText(optimizer: RunRecord["plan"]["optimizer"]): string {
  const { weight_decay, clip_value, clip_norm, reset_at_restart, groups } = optimizer;
  const decay = decouplesDecay(optimizer) ? "decoupled weight decay" : "weight decay";
  return [
    ...constantsText(optimizer),
    ...(weight_decay > 0 ? [`${decay} ${compact(weight_decay)}`] : []),
    ...(clip_value ? [`gradient components at most ${compact(clip_value)}`] : []),
    ...(clip_norm !== null ? [`gradient norm at most ${compact(clip_norm)}`] : []),
    ...(reset_at_restart ? ["state reset at each restart"] : []),
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

/** Settings of a group of parameters that differ from the rest: `conv1/*: learning rate × 0.1, frozen until 2 epochs`. */
function groupText(group: NonNullable<RunRecord["plan"]["optimizer"]["groups"]>[number]): string {
  const special = [
    ...(group.schedule ? [scheduleText(group.schedule)] : []),
    ...(group.lr_factor !== undefined ? [`learning rate × ${compact(group.lr_factor)}`] : []),
    ...(typeof group.weight_decay === "number" ? [`weight decay ${compact(group.weight_decay)}`] : []),
    ...(group.frozen_until ? [`frozen until ${group.frozen_until}`] : []),
    ...(group.frozen_from ? [`frozen from ${group.frozen_from}`] : []),
  ];
  return `${group.match}: ${special.join(" and ") || "like the rest"}`;
}

/** The schedule of each arm, with the rate that tuning chose. */
export function schedulesTable({ arms }: Summary): Table {
  return tableOf(arms, {
    caption: "Schedules",
    columns: [left("arm", ({ name }) => name), left("schedule", ({ schedule }) => scheduleText(schedule))],
    series: (_, index) => index,
  });
}

/** `multistep: lr 0.05, gamma 0.1, milestones 33 / 67 / 89 %`. */
function scheduleText(schedule: unknown): string {
  if (typeof schedule !== "object" || schedule === null) return settingLabel(schedule);
  const { name, ...parameters } = schedule as Record<string, unknown>;
  const texts = Object.entries(parameters).map(([key, value]) =>
    typeof value === "object" && value !== null && "name" in value
      ? `${key} (${scheduleText(value)})`
      : `${key} ${settingLabel(value)}`
  );
  return `${String(name)}${texts.length > 0 ? `: ${texts.join(", ")}` : ""}`;
}
