import { type Experiment, type ExperimentComparison, letterOf } from "#study/compare_experiments.ts";
import { differingSettings } from "./differing_settings.ts";
import { metricStyle } from "../../format/metrics.ts";
import { seriesOf } from "../../model.ts";
import type { Table } from "../../table.ts";
import { counted, interval, MISSING, signed } from "../../format/numbers.ts";
import { capitalized } from "../../format/text.ts";

/** The experiments by their letters. */
export function experimentsTable(experiments: readonly Experiment[]): Table {
  const head = ["", "experiment", "folder", "started", "data", "model", "device", "complete"];
  return {
    kind: "table",
    caption: "What is compared",
    columns: head.map((label) => ({ label, align: "left" })),
    keys: 2,
    rows: experiments.map(({ folder, summary }, index) => ({
      series: null,
      cells: [
        letterOf(index),
        summary.name,
        folder,
        summary.provenance.at.slice(0, 16).replace("T", " "),
        summary.dataset.name,
        summary.model,
        summary.device.name,
        summary.complete ? "yes" : "no",
      ],
    })),
    note: "The letter stands before the name of each arm.",
  };
}

/** The keys of the specs that differ, then the rest of what made the numbers. */
export function settingsTable(experiments: readonly Experiment[]): Table {
  const missing = experiments.flatMap(({ spec }, index) => spec === null ? [letterOf(index)] : []);
  const specs = missing.length === 0 ? differingSettings(experiments.map(({ spec }) => spec)) : [];
  const made = differingSettings(experiments.map(({ summary: { dataset, device, provenance } }) => ({
    "digest of the data": dataset.digest.slice(0, 12),
    device: `${device.backend}: ${device.name} (${device.detail})`,
    commit: provenance.commit ?? "unknown",
    versions: provenance.versions,
  })));
  const rows = [...specs, ...made];
  return {
    kind: "table",
    caption: "Settings that differ",
    columns: [
      { label: "setting", align: "left" },
      ...experiments.map((_, index) => ({ label: letterOf(index), align: "left" as const })),
    ],
    keys: 1,
    rows: rows.map(({ path, values }) => ({ series: null, cells: [path, ...values] })),
    note: missing.length > 0
      ? `There is no spec.yaml of ${missing.join(", ")} to be read, so the settings cannot be compared.`
      : rows.length === 0
      ? "No setting differs: the experiments repeat each other."
      : "All other settings are the same.",
  };
}

/** The differences on one metric. */
export function differenceTable(
  metric: string,
  comparisons: readonly ExperimentComparison[],
  series: readonly string[],
): Table {
  const { name, differenceUnit, scale, decimals } = metricStyle(metric);
  return {
    kind: "table",
    caption: `${capitalized(name)}: arm minus the other${differenceUnit && ` (${differenceUnit})`}`,
    columns: [
      { label: "arm", align: "left" },
      { label: "against", align: "left" },
      { label: "difference", align: "right" },
      { label: "95 % interval", align: "right" },
      { label: "verdict", align: "left" },
      { label: "runs", align: "left" },
    ],
    keys: 2,
    rows: comparisons.map(({ arm, against, difference, interval: bounds, verdict, seeds, pairing }) => ({
      series: seriesOf(series, arm),
      cells: [
        arm,
        against,
        signed(difference === null ? null : scale * difference, decimals),
        interval(bounds, decimals, scale),
        pairing.kind === "not comparable" ? "not comparable" : verdict,
        runsText(pairing, seeds),
      ],
    })),
    note: "",
  };
}

function runsText({ kind }: ExperimentComparison["pairing"], seeds: number): string {
  switch (kind) {
    case "paired":
      return counted(seeds, "pair");
    case "unpaired":
      return "unpaired";
    case "not comparable":
      return MISSING;
  }
}
