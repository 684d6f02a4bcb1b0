import type { Summary } from "#lab/summary.ts";
import type { TheorySummary } from "#theory/summary.ts";
import { headline } from "./headline.ts";
import type { Report, Row, Section } from "./model.ts";
import { counted, MISSING } from "./numbers.ts";
import { theoryHeadline } from "./theory/headline.ts";

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
    /** Exercise 0. */
    readonly kind: "theory";
    readonly folder: string;
    readonly hasReport: boolean;
    readonly summary: TheorySummary;
  }
  | {
    readonly kind: "broken";
    readonly folder: string; /** What is wrong with it. */
    readonly wrong: string;
  };

/** All experiments of a folder on one page, the newest first, and what could not be read. */
export function composeIndex(folder: string, entries: readonly IndexEntry[]): Report {
  const experiments = entries.filter((entry) => entry.kind !== "broken")
    .toSorted((a, b) => b.summary.made.at.localeCompare(a.summary.made.at));
  const broken = entries.filter((entry) => entry.kind === "broken");
  const others = broken.length === 0 ? "" : `, ${counted(broken.length, "other folder")}`;
  return {
    kicker: `LR Lab · ${folder}`,
    title: `${counted(experiments.length, "experiment")}${others}`,
    lede: "",
    notices: [],
    series: [],
    sections: [...experimentsSection(experiments), ...brokenSection(broken)],
  };
}

const COLUMNS = ["experiment", "folder", "started (UTC)", "data, model", "device", "arms", "runs", "finding"];

function experimentsSection(entries: readonly Exclude<IndexEntry, { kind: "broken" }>[]): Section[] {
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
      rows: entries.map(({ folder, hasReport, ...entry }): Row => ({
        series: null,
        cells: entry.kind === "theory" ? theoryCells(folder, entry.summary) : cellsOf(folder, entry.summary),
        ...(hasReport ? { href: `./${encodeURIComponent(folder)}/report.html` } : {}),
      })),
      note: missing ? "Without a link: there is no report.html; deno task report FOLDER makes it." : "",
    }],
  }];
}

function cellsOf(folder: string, summary: Summary): string[] {
  const { name, made, dataset, model, device, arms } = summary;
  return [
    name,
    folder,
    made.at.slice(0, 16).replace("T", " "),
    `${dataset.name}, ${model}`,
    device.name,
    arms.map((arm) => arm.name).join(", "),
    runsText(summary),
    headline(summary),
  ];
}

function theoryCells(folder: string, { name, made, answers }: TheorySummary): string[] {
  const started = made.at.slice(0, 16).replace("T", " ");
  return [name, folder, started, "noisy quadratic", MISSING, MISSING, MISSING, theoryHeadline(answers)];
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
