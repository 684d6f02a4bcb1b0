import type { Schedule } from "#schedules/schedule.ts";
import { acrossBreak } from "./breaks.ts";
import { type Case, firstMisfit, fitting, type Metric } from "./case.ts";
import { DEFECTS } from "./defects/catalog.ts";
import type { Defect } from "./defects/entry.ts";
import { plateauFits, simulated } from "./defects/plateau.ts";
import type { Found } from "./families/found.ts";
import { type RateLog, strided } from "./log.ts";
import type { Lone, Suspicion } from "./lone.ts";
import type { Plan } from "./plan.ts";
import { recognise } from "./recognise.ts";
import { collapseOf, shownAnyway } from "./shown_anyway.ts";

/** Facts of a run beside its log. */
export interface Known {
  /** The schedule as it was meant; `null` without a plan. */
  readonly plan: Plan | null;
  /** Updates in the whole run; `null` where nobody said. */
  readonly total: number | null;
  readonly stepsPerEpoch: number | null;
  readonly metric: Metric | null;
}

/** A defect that was found, with the figures of this log. */
export interface Named extends Omit<Suspicion, "certainty"> {
  readonly defect: Pick<Defect, "code" | "title" | "threads" | "mend">;
}

/** The place at which a log parts from its plan. */
export interface Departure {
  /** The first step with another rate. */
  readonly step: number;
  readonly logged: number;
  readonly planned: number;
  /** The step at which the two are furthest apart by their ratio, and that ratio, >= 1; `null` where one is 0. */
  readonly most: { readonly step: number; readonly ratio: number } | null;
  /** Logged steps with another rate, of all. */
  readonly differing: number;
}

/** The outcome of an audit. */
export interface Audit {
  /** `clean`: no defect. `defect`: one is named. `open`: it cannot tell. */
  readonly verdict: "clean" | "defect" | "open";
  readonly defects: readonly Named[];
  /** Defects that would give such rates, as would a schedule that was meant so. */
  readonly suspicions: readonly Named[];
  readonly found: Found | null;
  /** Largest relative error of the recognised schedule; `null` where none was recognised. */
  readonly error: number | null;
  readonly departure: Departure | null;
  /** The planned rate of each step, for a chart; `null` without a plan. */
  readonly planned: Schedule | null;
  /** One sentence where it cannot tell; empty else. */
  readonly why: string;
}

/** Names what is wrong with the rates that a run applied. */
export function audit(log: RateLog, known: Known): Audit {
  const used = strided(log, MOST_POINTS);
  const found = auditPoints(used, known);
  // The first step that differs is looked for among all points.
  return used === log || found.departure === null
    ? found
    : { ...found, departure: departureOf(log, found.planned!) };
}

/** Points of a log that are looked at; of a longer one every second, every third … */
const MOST_POINTS = 20_000;

function auditPoints(log: RateLog, known: Known): Audit {
  if (log.steps.length === 0) return open("The log has no usable rate.");
  if (log.steps.length === 1) return open("The log has one point, which every schedule can give.");
  return known.plan === null ? auditAlone(log, known) : auditAgainst(log, { ...known, plan: known.plan });
}

const open = (why: string, more: Partial<Audit> = {}): Audit => ({
  verdict: "open",
  defects: [],
  suspicions: [],
  found: null,
  error: null,
  departure: null,
  planned: null,
  why,
  ...more,
});

function auditAgainst(log: RateLog, { plan, total, stepsPerEpoch, metric }: Known & { plan: Plan }): Audit {
  const last = log.steps.at(-1)!;
  const given: Case = {
    log,
    plan,
    total: total ?? Math.max(plan.shape.totalSteps, last),
    stepsPerEpoch,
    metric,
  };
  const recognised = (): Partial<Audit> => {
    const found = recognise(log, stepsPerEpoch);
    return { found, error: found === null ? null : errorOf(log, found.rate) };
  };
  if (plan.feedback !== null && metric === null) {
    const why = "The planned rate depends on evaluations: name the logged metric with --metric.";
    return open(why, { ...recognised(), planned: plan.rate });
  }
  const fits = plan.feedback === null ? fitting(given, plan.rate) : plateauFits(given);
  const planned = fits ?? (plan.feedback === null ? plan.rate : simulated(plan.feedback, metric!));
  const overran = total !== null && Math.abs(total - plan.shape.totalSteps) > plan.unit ||
    last > plan.shape.totalSteps + plan.unit;
  if (fits !== null && !overran) return { ...open(""), verdict: "clean", planned };
  const departure = fits === null ? departureOf(log, planned) : null;
  for (const defect of DEFECTS) {
    const account = defect.against?.(given) ?? null;
    if (account === null) continue;
    const named = { defect, what: account.what, needs: null };
    return { ...open(""), verdict: "defect", defects: [named], departure, planned };
  }
  if (fits !== null) return { ...open(""), verdict: "clean", planned };
  const base = recognised();
  const why =
    `The log parts from the plan at step ${departure!.step}, in none of the ways that are known here` +
    (base.found == null ? "." : `: it looks like ${base.found.family}.`);
  return open(why, { ...base, departure, planned });
}

function auditAlone(log: RateLog, { total, stepsPerEpoch, metric }: Known): Audit {
  const whole = recognise(log, stepsPerEpoch);
  const length = total ?? log.steps.at(-1)! + 1;
  const broken = whole === null ? acrossBreak(log, stepsPerEpoch, length) : null;
  const found = whole ?? broken?.found ?? null;
  const lone: Lone | null = found === null ? null : {
    log,
    found: { ...found, collapsesAt: collapseOf(log) },
    total,
    stepsPerEpoch,
    metric,
    resume: broken?.resume ?? null,
  };
  const raised = lone === null ? shownAnyway(log, length, stepsPerEpoch) : DEFECTS.flatMap((defect) => {
    const suspicion = defect.alone?.(lone) ?? null;
    return suspicion === null ? [] : [{ defect, ...suspicion }];
  });
  // A length that few points before a break leave open is not the defect.
  const isResume = ({ defect }: (typeof raised)[number]) => defect.code.startsWith("resumed");
  const named = raised.filter(({ certainty }) => certainty === "named");
  const defects = (named.some(isResume) ? named.filter(isResume) : named).slice(0, 1);
  const suspicions = raised.filter(({ certainty }) => certainty === "suspected");
  const base = {
    defects,
    suspicions,
    found,
    error: found === null ? null : errorOf(log, broken?.rate ?? found.rate),
  };
  if (defects.length > 0) return { ...open("", base), verdict: "defect" };
  if (found === null) {
    return open("No schedule is recognised in these rates: give the one that was meant with --plan.", base);
  }
  if (suspicions.length > 0) return open(suspicions[0]!.what, base);
  if (total === null && found.end !== null && found.end > log.steps.at(-1)! + log.every + found.held) {
    return open(
      `The schedule ends at step ${
        Math.round(found.end)
      }, past the log: give the length of the run with --total.`,
      base,
    );
  }
  return { ...open("", base), verdict: "clean" };
}

/** Rates far below the peak are compared with it, so that the rounding of a zero is no error. */
function errorOf({ steps, rates }: RateLog, rate: Schedule): number {
  const peak = rates.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
  return steps.reduce((most, step, i) => {
    const scale = Math.max(Math.abs(rates[i]!), 1e-3 * peak);
    return Math.max(most, scale === 0 ? 0 : Math.abs(rate(step) - rates[i]!) / scale);
  }, 0);
}

function departureOf(log: RateLog, planned: Schedule): Departure {
  const { steps, rates } = log;
  const at = firstMisfit(log, planned);
  let most: Departure["most"] = null;
  let differing = 0;
  for (let i = at; i < steps.length; i++) {
    const [logged, meant] = [rates[i]!, planned(steps[i]!)];
    if (Math.abs(logged - meant) > log.tolerances[i]!) differing++;
    const ratio = logged > 0 && meant > 0 ? Math.max(logged / meant, meant / logged) : 0;
    if (ratio > (most?.ratio ?? 1)) most = { step: steps[i]!, ratio };
  }
  return { step: steps[at]!, logged: rates[at]!, planned: planned(steps[at]!), most, differing };
}
