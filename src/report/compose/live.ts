import type { RunRecord } from "#results/run.ts";
import { type Figure, figuresIn, type Report } from "../model.ts";
import { shownScore } from "../sections/curves/shown_score.ts";
import { CURVES, multiplesFigure } from "../sections/overview/multiples_figure.ts";

/** A study in progress. */
export interface LiveStudy {
  readonly name: string;
  readonly dataset: string;
  /** Names of the arms; none for a sweep. */
  readonly arms: readonly string[];
  /** Runs that have begun, as far as they are. */
  readonly records: readonly RunRecord[];
  /** Panel that a run is drawn in. */
  readonly groupOf: (record: RunRecord) => string;
  /** The report of the stages that are done; `null` before the first one. */
  readonly sofar: Report | null;
}

/** Panels that fit on a screen: of more groups, those that began last. */
const MOST_PANELS = 24;

/**
 * The first screen of a report while its runs are trained: the curves as far as they are, and below them what the stages
 * that are done have shown. Differences are those of the planned looks: a look at any other moment would be one more
 * chance to find something.
 */
export function composeLive(study: LiveStudy): Report {
  const { name, dataset, arms, sofar } = study;
  const curves = liveCurves(study);
  const found = (sofar?.overview ?? []).filter((block) => block.kind !== "figure" || block.id !== CURVES);
  return {
    eyebrow: `LR Lab · ${name} · ${dataset} · live`,
    title: sofar?.title ?? `“${name}” is in training`,
    summary: "",
    notices: [],
    series: arms,
    overview: [...curves, ...found],
    sections: [],
  };
}

/** The curves alone. */
export function liveCurves({ arms, records, groupOf, sofar }: LiveStudy): Figure[] {
  const groups = Map.groupBy(newestStage(records), groupOf);
  const panels = [...groups].slice(-MOST_PANELS).map(([label, runs], index) => {
    const arm = arms.indexOf(runs[0]!.plan.arm);
    // The cells of a sweep are of one arm.
    return { arm: label, series: arm < 0 ? index : arm, runs: withOneRate(runs), failed: new Set<number>() };
  });
  const left = groups.size - panels.length;
  return multiplesFigure(panels, { target: null }).map((figure) => ({
    ...figure,
    chart: withLevels(figure.chart, sofar),
    title: `Learning rate and validation ${shownScore(panels).name}, as far as the runs are`,
    caption: `${figure.caption} Runs in progress count as far as they are; the rate is that of the first.` +
      (left > 0 ? ` ${left} that began earlier are not shown.` : ""),
  }));
}

/** Seeds share a schedule, and most of a picture's work would be to average equal rates: the first run's stand for all. */
function withOneRate([first, ...others]: readonly RunRecord[]): RunRecord[] {
  return [
    ...first ? [first] : [],
    ...others.map((run) => ({ ...run, events: run.events.filter(({ kind }) => kind !== "step") })),
  ];
}

/** The target is known once the first stage has been summarised. */
function withLevels(chart: Figure["chart"], sofar: Report | null): Figure["chart"] {
  const earlier = figuresIn(sofar?.overview ?? []).find(({ id }) => id === CURVES)?.chart;
  if (chart.kind !== "multiples" || earlier?.kind !== "multiples") return chart;
  return { ...chart, levels: earlier.levels };
}

/** Runs of tuning give way to those that are compared. */
function newestStage(records: readonly RunRecord[]): readonly RunRecord[] {
  const compared = records.filter(({ plan }) => plan.role === "arm");
  return compared.length > 0 ? compared : records;
}
