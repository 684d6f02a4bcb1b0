import type { Summary } from "#results/summary.ts";
import { headline } from "./headline.ts";
import type { Report, Section } from "../model.ts";
import { left, tableOf } from "../table.ts";
import { compact, counted, fixed, MISSING } from "#lib/numbers.ts";
import { settingLabel } from "../format/settings.ts";

/** A folder in the folder of experiments. */
export type IndexEntry =
  | {
    readonly kind: "experiment";
    /** Name of the folder. */
    readonly folder: string;
    /** True where it holds a `report.html`. */
    readonly hasReport: boolean;
    readonly summary: Summary;
  }
  | {
    readonly kind: "other";
    readonly folder: string;
    readonly hasReport: boolean;
    readonly result: OtherResult;
  }
  | {
    readonly kind: "broken";
    readonly folder: string;
    /** Reason why it could not be read. */
    readonly wrong: string;
  };

/** Fields that the results of a sweep, a range test, a benchmark and the theory share with those of an experiment. */
export interface OtherResult {
  /** `sweep`, `range-test`, `theory`. */
  readonly kind: string;
  readonly name: string;
  readonly complete?: boolean | undefined;
  readonly provenance: { readonly at: string };
  readonly dataset?: { readonly name: string } | undefined;
  readonly model?: string | undefined;
  readonly device?: { readonly name: string } | undefined;
  readonly answers?: readonly { readonly verdict: string | { readonly kind: string } }[] | undefined;
  /** Of a sweep. */
  readonly axes?: readonly { readonly label: string }[] | undefined;
  readonly best?: { readonly values: readonly unknown[]; readonly mean: number } | null | undefined;
  readonly region?: { readonly cells: readonly number[]; readonly of: number } | null | undefined;
  /** Of a range test. */
  readonly recommended?: number | null | undefined;
}

type Result = Exclude<IndexEntry, { kind: "broken" }>;

/** All experiments of a folder on one page, the newest first, then the folders that could not be read. */
export function composeIndex(folder: string, entries: readonly IndexEntry[]): Report {
  const results = entries.filter((entry) => entry.kind !== "broken")
    .toSorted((a, b) => startedAt(b).localeCompare(startedAt(a)));
  const broken = entries.filter((entry) => entry.kind === "broken");
  const others = broken.length === 0 ? "" : `, ${counted(broken.length, "other folder")}`;
  return {
    eyebrow: `LR Lab · ${folder}`,
    title: `${counted(results.length, "experiment")}${others}`,
    summary: "",
    notices: [],
    series: [],
    overview: [],
    sections: [...resultsSection(results), ...brokenSection(broken)],
  };
}

function startedAt(entry: Result): string {
  return entry.kind === "experiment" ? entry.summary.provenance.at : entry.result.provenance.at;
}

function resultsSection(entries: readonly Result[]): Section[] {
  if (entries.length === 0) return [];
  const missing = entries.some(({ hasReport }) => !hasReport);
  return [{
    id: "experiments",
    title: "Experiments",
    brief: true,
    blocks: [tableOf(entries.map(rowOf), {
      caption: "Newest first",
      columns: [
        left("experiment", ({ name }) => name),
        left("folder", ({ entry }) => entry.folder),
        left("started (UTC)", ({ entry }) => startedAt(entry).slice(0, 16).replace("T", " ")),
        left("data, model", ({ data, model }) => [data, model].filter(Boolean).join(", ") || MISSING),
        left("device", ({ device }) => device ?? MISSING),
        left("arms", ({ arms }) => arms),
        left("runs", ({ runs }) => runs),
        left("finding", ({ entry }) => findingOf(entry) ?? MISSING),
      ],
      keys: 2,
      href: ({ entry }) => entry.hasReport ? `./${encodeURIComponent(entry.folder)}/report.html` : undefined,
      note: missing ? "Folders without a link have no report.html; deno task report FOLDER writes it." : "",
    })],
  }];
}

interface IndexRow {
  readonly entry: Result;
  readonly name: string;
  readonly data: string | undefined;
  readonly model: string | undefined;
  readonly device: string | undefined;
  readonly arms: string;
  readonly runs: string;
}

function rowOf(entry: Result): IndexRow {
  if (entry.kind === "experiment") {
    const { name, dataset, model, device, arms } = entry.summary;
    const names = arms.map((arm) => arm.name).join(", ");
    return {
      entry,
      name,
      data: dataset.name,
      model,
      device: device.name,
      arms: names,
      runs: runsText(entry.summary),
    };
  }
  const { kind, name, dataset, model, device, complete } = entry.result;
  return {
    entry,
    name,
    data: dataset?.name,
    model,
    device: device?.name,
    arms: kind.replaceAll("-", " "),
    runs: complete === false ? "incomplete" : MISSING,
  };
}

/** The main finding, or the count of answers by verdict; `null` where only the report has one. */
export function findingOf(entry: Result): string | null {
  if (entry.kind === "experiment") return headline(entry.summary);
  const { axes = [], best, region, recommended } = entry.result;
  if (recommended) return `recommended learning rate: ${compact(recommended)}`;
  if (best && region) {
    const setting = axes.map(({ label }, axis) => `${label} ${settingLabel(best.values[axis])}`).join(", ");
    return `${setting}: ${fixed(100 * best.mean, 1)} %; best region: ${region.cells.length} of ${
      counted(region.of, "cell")
    }`;
  }
  const verdicts = Map.groupBy(
    entry.result.answers ?? [],
    ({ verdict }) => typeof verdict === "string" ? verdict : verdict.kind,
  );
  const counts = [...verdicts].map(([verdict, answers]) => `${answers.length} ${verdict}`);
  return counts.join(", ") || null;
}

/** `6 finished, 1 diverged`; `incomplete` where the experiment was stopped. */
function runsText({ arms, complete }: Summary): string {
  const runs = arms.flatMap((arm) => arm.runs);
  const count = (wanted: string) => runs.filter(({ reason }) => reason === wanted).length;
  return [
    ...(complete ? [] : ["incomplete"]),
    `${count("budget")} finished`,
    ...(count("diverged") > 0 ? [`${count("diverged")} diverged`] : []),
    ...(count("stopped") > 0 ? [`${count("stopped")} stopped`] : []),
  ].join(", ");
}

function brokenSection(entries: readonly Extract<IndexEntry, { kind: "broken" }>[]): Section[] {
  if (entries.length === 0) return [];
  return [{
    id: "others",
    title: "Other folders",
    brief: true,
    blocks: [tableOf(entries, {
      caption: "Folders without readable results",
      columns: [left("folder", ({ folder }) => folder), left("reason", ({ wrong }) => wrong)],
    })],
  }];
}
