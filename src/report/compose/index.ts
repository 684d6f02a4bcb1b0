import type { Summary } from "#results/summary.ts";
import { headline } from "./headline.ts";
import type { Report, Section } from "../model.ts";
import type { Row } from "../table.ts";
import { compact, counted, fixed, MISSING } from "../format/numbers.ts";
import { settingLabel } from "../format/settings.ts";

/** A folder in the folder of experiments. */
export type IndexEntry =
  | {
    readonly kind: "experiment";
    /** Name of the folder. */
    readonly folder: string;
    /** Whether it has a `report.html`. */
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
    readonly folder: string; /** What is wrong with it. */
    readonly wrong: string;
  };

/** What the results of a sweep, a range test and the theory have in common with those of an experiment. */
export interface OtherResult {
  /** `sweep`, `range-test`, `theory`. */
  readonly kind: string;
  readonly name: string;
  readonly complete?: boolean | undefined;
  readonly provenance: { readonly at: string };
  readonly dataset?: { readonly name: string } | undefined;
  readonly model?: string | undefined;
  readonly device?: { readonly name: string } | undefined;
  readonly answers?: readonly { readonly verdict: string }[] | undefined;
  /** Of a sweep. */
  readonly axes?: readonly { readonly label: string }[] | undefined;
  readonly best?: { readonly values: readonly unknown[]; readonly mean: number } | null | undefined;
  readonly region?: { readonly cells: readonly number[]; readonly of: number } | null | undefined;
  /** Of a range test. */
  readonly recommended?: number | null | undefined;
}

type Result = Exclude<IndexEntry, { kind: "broken" }>;

/** All experiments of a folder on one page, the newest first, and what could not be read. */
export function composeIndex(folder: string, entries: readonly IndexEntry[]): Report {
  const results = entries.filter((entry) => entry.kind !== "broken")
    .toSorted((a, b) => madeAt(b).localeCompare(madeAt(a)));
  const broken = entries.filter((entry) => entry.kind === "broken");
  const others = broken.length === 0 ? "" : `, ${counted(broken.length, "other folder")}`;
  return {
    eyebrow: `LR Lab · ${folder}`,
    title: `${counted(results.length, "experiment")}${others}`,
    summary: "",
    notices: [],
    series: [],
    sections: [...resultsSection(results), ...brokenSection(broken)],
  };
}

function madeAt(entry: Result): string {
  return entry.kind === "experiment" ? entry.summary.provenance.at : entry.result.provenance.at;
}

const COLUMNS = ["experiment", "folder", "started (UTC)", "data, model", "device", "arms", "runs", "finding"];

function resultsSection(entries: readonly Result[]): Section[] {
  if (entries.length === 0) return [];
  const missing = entries.some(({ hasReport }) => !hasReport);
  return [{
    id: "experiments",
    title: "Experiments",
    brief: true,
    blocks: [{
      kind: "table",
      caption: "The newest first",
      columns: COLUMNS.map((label) => ({ label, align: "left" })),
      keys: 2,
      rows: entries.map((entry): Row => ({
        series: null,
        cells: [
          ...(entry.kind === "experiment"
            ? experimentCells(entry.folder, entry.summary)
            : otherCells(entry.folder, entry.result)),
          findingOf(entry) ?? MISSING,
        ],
        ...(entry.hasReport ? { href: `./${encodeURIComponent(entry.folder)}/report.html` } : {}),
      })),
      note: missing ? "Without a link: there is no report.html; deno task report FOLDER makes it." : "",
    }],
  }];
}

function experimentCells(folder: string, summary: Summary): string[] {
  const { name, provenance, dataset, model, device, arms } = summary;
  return [
    name,
    folder,
    minute(provenance.at),
    `${dataset.name}, ${model}`,
    device.name,
    arms.map((arm) => arm.name).join(", "),
    runsText(summary),
  ];
}

/** The main finding, or how many answers came to which verdict; `null` where only the report tells it. */
export function findingOf(entry: Result): string | null {
  if (entry.kind === "experiment") return headline(entry.summary);
  const { axes = [], best, region, recommended } = entry.result;
  if (recommended) return `take a rate of ${compact(recommended)}`;
  if (best && region) {
    const setting = axes.map(({ label }, axis) => `${label} ${settingLabel(best.values[axis])}`).join(", ");
    return `${setting}: ${fixed(100 * best.mean, 1)} %; region of ${region.cells.length} of ${
      counted(region.of, "cell")
    }`;
  }
  const verdicts = Map.groupBy(entry.result.answers ?? [], ({ verdict }) => verdict);
  const told = [...verdicts].map(([verdict, answers]) => `${answers.length} ${verdict}`);
  return told.join(", ") || null;
}

function otherCells(
  folder: string,
  { kind, name, provenance, dataset, model, device, complete }: OtherResult,
): string[] {
  return [
    name,
    folder,
    minute(provenance.at),
    [dataset?.name, model].filter((part) => part !== undefined).join(", ") || MISSING,
    device?.name ?? MISSING,
    kind.replaceAll("-", " "),
    complete === false ? "incomplete" : MISSING,
  ];
}

/** A time in UTC to the minute. */
function minute(iso: string): string {
  return iso.slice(0, 16).replace("T", " ");
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
    blocks: [{
      kind: "table",
      caption: "What has no results to show, and why",
      columns: [{ label: "folder", align: "left" }, { label: "what is wrong", align: "left" }],
      keys: 1,
      rows: entries.map(({ folder, wrong }) => ({ series: null, cells: [folder, wrong] })),
      note: "",
    }],
  }];
}
