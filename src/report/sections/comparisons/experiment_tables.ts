import { assertNever } from "#lib/assert_never.ts";
import { type Experiment, type ExperimentComparison, letterOf } from "#study/compare_experiments.ts";
import { metricStyle } from "../../format/metrics.ts";
import { counted, interval, MISSING, signed } from "#lib/numbers.ts";
import { capitalized } from "../../format/text.ts";
import { seriesOf } from "../../model.ts";
import { left, right, type Table, tableOf } from "../../table.ts";
import { differingSettings } from "./differing_settings.ts";

/** The experiments by their letters. */
export function experimentsTable(experiments: readonly Experiment[]): Table {
  return tableOf(experiments, {
    caption: "Experiments compared",
    columns: [
      left("", (_, index) => letterOf(index)),
      left("experiment", ({ summary }) => summary.name),
      left("folder", ({ folder }) => folder),
      left("started", ({ summary }) => summary.provenance.at.slice(0, 16).replace("T", " ")),
      left("data", ({ summary }) => summary.dataset.name),
      left("model", ({ summary }) => summary.model),
      left("device", ({ summary }) => summary.device.name),
      left("complete", ({ summary }) => summary.complete ? "yes" : "no"),
    ],
    keys: 2,
    note: "The name of each arm begins with the letter of its experiment.",
  });
}

/** The keys of the specs that differ, then the data, device, commit and versions that differ. */
export function settingsTable(experiments: readonly Experiment[]): Table {
  const missing = experiments.flatMap(({ spec }, index) => spec === null ? [letterOf(index)] : []);
  const specs = missing.length === 0 ? differingSettings(experiments.map(({ spec }) => spec)) : [];
  const origins = differingSettings(experiments.map(({ summary: { dataset, device, provenance } }) => ({
    "digest of the data": dataset.digest.slice(0, 12),
    device: `${device.backend}: ${device.name} (${device.detail})`,
    commit: provenance.commit ?? "unknown",
    versions: provenance.versions,
  })));
  const rows = [...specs, ...origins];
  return tableOf(rows, {
    caption: "Settings that differ",
    columns: [
      left("setting", ({ path }) => path),
      ...experiments.map((_, index) =>
        left(letterOf(index), ({ values }: typeof rows[number]) => values[index]!)
      ),
    ],
    note: missing.length > 0
      ? `The settings cannot be compared: spec.yaml is missing for ${missing.join(", ")}.`
      : rows.length === 0
      ? "No setting differs: the experiments are repetitions."
      : "All other settings are the same.",
  });
}

/** The differences on one metric. */
export function differenceTable(
  metric: string,
  comparisons: readonly ExperimentComparison[],
  series: readonly string[],
): Table {
  const { name, differenceUnit, scale, decimals } = metricStyle(metric);
  return tableOf(comparisons, {
    caption: `${capitalized(name)}: arm minus baseline${differenceUnit && ` (${differenceUnit})`}`,
    columns: [
      left("arm", ({ arm }) => arm),
      left("baseline", ({ against }) => against),
      right(
        "difference",
        ({ difference }) => signed(difference === null ? null : scale * difference, decimals),
      ),
      right("95 % interval", (one) => interval(one.interval, decimals, scale)),
      left(
        "verdict",
        ({ pairing, verdict }) => pairing.kind === "not comparable" ? "not comparable" : verdict,
      ),
      left("runs", ({ pairing, seeds }) => runsText(pairing, seeds)),
    ],
    keys: 2,
    series: ({ arm }) => seriesOf(series, arm),
  });
}

function runsText({ kind }: ExperimentComparison["pairing"], seeds: number): string {
  switch (kind) {
    case "paired":
      return counted(seeds, "pair");
    case "unpaired":
      return "unpaired";
    case "not comparable":
      return MISSING;
    default:
      return assertNever(kind);
  }
}
