import { printSchedule } from "#schedules/print.ts";
import type { Named } from "#audit/audit.ts";
import { detailsOf, headlineOf, pointsText, recognisedText, threadUrl } from "#audit/words.ts";
import type { Block, Fact, Figure, Notice, Report, Section } from "#report/model.ts";
import { left, right, tableOf } from "#report/table.ts";
import type { AuditedRun, Outcome } from "./audit_path.ts";

/** Points of a curve that are drawn. */
const DRAWN = 2000;
const SERIES = ["logged", "planned", "recognised"] as const;
const SEVERITY = { defect: 0, open: 1, clean: 2 } as const;

/** The report of an audit: what is wrong in one sentence, the log over its plan, and the rest folded. */
export function auditPage({ planName, runs, notes }: Outcome): Report {
  const sorted = runs.toSorted((a, b) => SEVERITY[a.audit.verdict] - SEVERITY[b.audit.verdict]);
  const [worst, ...others] = sorted as [AuditedRun, ...AuditedRun[]];
  const of = runs.length === 1 ? "" : ` (the worst of ${runs.length} series)`;
  const reference = planName === null ? "recognised" : "planned";
  return {
    eyebrow: `LR Lab · audit · ${worst.run} · ${worst.tag}${of}`,
    title: headlineOf(worst.audit),
    summary: detailsOf(worst.audit),
    notices: [...worst.notes, ...notes].map((text): Notice => ({ kind: "warning", text })),
    series: SERIES.filter((name) => name === "logged" || name === reference),
    overview: [figureOf(worst, 0)],
    sections: [
      ...(runs.length === 1 ? [] : [outcomesSection(runs)]),
      ...worst.audit.defects.flatMap((named, i) => mendSection(named, `mend-${i + 1}`, "How to mend it")),
      ...worst.audit.suspicions.flatMap((named, i) =>
        mendSection(named, `suspected-${i + 1}`, `Suspected: ${named.defect.title}`)
      ),
      {
        id: "numbers",
        title: "What was found",
        brief: true,
        blocks: [{ kind: "facts", facts: factsOf(worst, planName) }],
      },
      ...otherSections(others),
    ],
  };
}

/** Series of one group with one outcome, as a row. */
function outcomesSection(runs: readonly AuditedRun[]): Section {
  const rows = [...Map.groupBy(runs, (one) => JSON.stringify([one.group, headlineOf(one.audit)])).values()];
  const isGrouped = runs.some(({ group }) => group !== null);
  const table = tableOf(rows, {
    caption: "Outcomes of all series",
    columns: [
      ...(isGrouped ? [left<AuditedRun[]>("group", ([one]) => one!.group ?? "")] : []),
      left<AuditedRun[]>("outcome", ([one]) => headlineOf(one!.audit)),
      right<AuditedRun[]>("series", ({ length }) => String(length)),
      left<AuditedRun[]>("the first", ([one]) => `${one!.run} · ${one!.tag}`),
    ],
  });
  return { id: "outcomes", title: "All series", brief: true, blocks: [table] };
}

function figureOf({ log, audit, stepsPerEpoch, run }: AuditedRun, index: number): Figure {
  const logged = evenly(log.steps.length).map((i) => [log.steps[i]!, log.rates[i]!] as const);
  const reference = audit.planned ?? audit.found?.rate ?? null;
  const label = audit.planned === null ? "recognised" : "planned";
  // Between logged steps too, where a coarse log would cut corners.
  const [first, last] = [log.steps[0] ?? 0, log.steps.at(-1) ?? 0];
  const drawn = reference === null
    ? []
    : evenly(last - first + 1).map((k) => [first + k, reference(first + k)] as const);
  return {
    kind: "figure",
    id: `rates-${index + 1}`,
    title: "Learning rate",
    caption: "",
    width: "full",
    alt: `Logged learning rate${reference === null ? "" : ` over the ${label} one`}, ${run}`,
    chart: {
      kind: "lines",
      x: { title: "step", scale: "linear", decimals: 0 },
      y: { title: "learning rate", scale: "linear", decimals: "significant" },
      above: stepsPerEpoch === null ? null : { title: "epoch", every: stepsPerEpoch },
      lines: [line(0, "logged", logged), ...(reference === null ? [] : [line(1, label, drawn)])],
      levels: [],
      ...(audit.departure === null ? {} : {
        marks: [{
          label: `parts from the plan at step ${audit.departure.step}`,
          value: audit.departure.step,
        }],
      }),
    },
  };
}

const line = (series: number, label: string, points: readonly (readonly [number, number])[]) => ({
  series,
  label,
  x: points.map(([step]) => step),
  y: points.map(([, rate]) => rate),
  band: null,
  style: "curve" as const,
  chosen: null,
});

/** Some of so many indices, the first and last among them. */
function evenly(count: number): number[] {
  const drawn = Math.min(DRAWN, count);
  return [
    ...new Set(Array.from({ length: drawn }, (_, k) => Math.round(k * (count - 1) / Math.max(1, drawn - 1)))),
  ];
}

function mendSection({ defect, what, needs }: Named, id: string, title: string): Section[] {
  const blocks: Block[] = [
    { kind: "text", text: what },
    ...(needs === null
      ? []
      : [{ kind: "facts" as const, facts: [{ label: "To decide", value: `give ${needs}` }] }]),
    ...Object.entries(defect.mend).map(([framework, line]): Block => ({
      kind: "command",
      text: line.includes("# ") ? line.replace("# ", `# ${framework}: `) : `${line}  # ${framework}`,
    })),
    {
      kind: "facts",
      facts: [
        { label: "Code", value: defect.code },
        { label: "Threads", value: defect.threads.map(threadUrl).join(", ") },
      ],
    },
  ];
  return [{ id, title, brief: true, blocks }];
}

function factsOf({ audit, log, stepsPerEpoch }: AuditedRun, planName: string | null): Fact[] {
  const { found, departure } = audit;
  return [
    { label: "Plan", value: planName ?? "none was given" },
    ...(planName === null || found !== null ? [{ label: "Recognised", value: recognisedText(audit) }] : []),
    ...(found?.spec ? [{ label: "As a spec", value: printSchedule(found.spec) }] : []),
    { label: "Logged rates", value: pointsText(log) },
    ...(stepsPerEpoch === null ? [] : [{ label: "Steps in an epoch", value: String(stepsPerEpoch) }]),
    ...(departure === null ? [] : [{ label: "Parts from the plan", value: `at step ${departure.step}` }]),
  ];
}

/** The other runs and parameter groups: a sentence and a chart each. */
function otherSections(others: readonly AuditedRun[]): Section[] {
  return others.map((one, index): Section => {
    const blocks: Block[] = [
      { kind: "text", text: [headlineOf(one.audit), detailsOf(one.audit), ...one.notes].join(" ") },
      figureOf(one, index + 1),
    ];
    return { id: `other-${index + 1}`, title: `${one.run} · ${one.tag}`, brief: true, blocks };
  });
}
