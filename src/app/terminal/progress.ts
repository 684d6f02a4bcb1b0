import type { SingleBar } from "cli-progress";
import type { EndedEvent, EvalEvent, TrainEvent } from "#train/events.ts";
import type { RunPlan, RunRecord } from "#results/run.ts";
import { printable } from "#lib/printable.ts";
import { rateKey } from "#spec/tuned.ts";
import { stepsOf } from "#study/study.ts";
import type { CommandIo } from "../io.ts";

/** Shows on stderr what happens in a study. */
export interface Progress {
  events(plan: RunPlan, events: readonly TrainEvent[]): void;
  /** A run that is not trained: it has a record from before (given), or another run is the same. */
  known(plan: RunPlan, record: RunRecord | null): void;
  /** Runs come that the totals do not hold. */
  more(plans: readonly RunPlan[]): void;
  /** A line of text between two stages. */
  notice(text: string): void;
  /** Takes the bar away, so that text can follow. */
  close(): void;
}

export interface ProgressTotals {
  readonly runs: number;
  readonly steps: number;
}

/** Off a terminal a line is printed when a run ends, and at least this often during one. */
const LINE_EVERY_MS = 10_000;

/** A bar on a terminal, plain lines elsewhere. `now` is in milliseconds. */
export async function createProgress(
  io: CommandIo,
  expected: ProgressTotals,
  now: () => number,
): Promise<Progress> {
  const totals = { ...expected };
  const started = now();
  const bar = io.stderrIsTerminal ? await createBar(totals.steps) : null;
  let doneSteps = 0;
  let knownSteps = 0;
  let doneRuns = 0;
  let lastLine = started;
  /** The latest evaluation of each run in progress. */
  const held = new Map<string, EvalEvent>();

  /** Time left at the pace of the steps that were really made. */
  const left = (): string => {
    const made = doneSteps - knownSteps;
    if (made < 20) return "…";
    return clock(((now() - started) / made) * (totals.steps - doneSteps));
  };
  const run = () => `run ${Math.min(doneRuns + 1, totals.runs)}/${totals.runs}`;

  return {
    events: (plan, events) => {
      for (const event of events) {
        if (event.kind === "step") doneSteps++;
        if (event.kind === "eval") held.set(plan.id, event);
        if (event.kind === "ended") {
          doneRuns++;
          // A run that ended early gives its remaining steps back.
          if (event.reason !== "stopped") doneSteps += plan.total_steps - event.step;
        }
      }
      const step = events.findLast((event) => event.kind === "step");
      const end = events.findLast((event) => event.kind === "ended");
      const shown = step?.kind === "step"
        ? `step ${step.step + 1}/${plan.total_steps} loss ${step.loss.toFixed(3)} lr ${rate(step.lr)}`
        : "";
      if (bar) {
        bar.update(doneSteps, {
          text: `${run()} ${printable(plan.arm)}, seed ${plan.seed} | ${shown}`.slice(0, io.columns - 48),
          left: left(),
        });
      } else if (end?.kind === "ended") {
        lastLine = now();
        io.stderr(
          `${run0(doneRuns, totals.runs)} ${title(plan)}: ${
            outcome(end, held.get(plan.id))
          }; ${left()} left\n`,
        );
      } else if (now() - lastLine > LINE_EVERY_MS) {
        lastLine = now();
        io.stderr(`${run()} ${title(plan)}: ${shown}; ${left()} left\n`);
      }
    },
    known: (plan, record) => {
      doneRuns++;
      doneSteps += plan.total_steps;
      knownSteps += plan.total_steps;
      const from = record?.provenance.reused_from;
      if (bar) bar.update(doneSteps, { text: `${run()} ${printable(plan.arm)}`, left: left() });
      else if (from) io.stderr(`${run0(doneRuns, totals.runs)} ${title(plan)}: taken from ${from}\n`);
    },
    more: (plans) => {
      totals.runs += plans.length;
      totals.steps += stepsOf(plans);
      bar?.setTotal(totals.steps);
    },
    notice: (text) => {
      bar?.stop();
      io.stderr(`${text}\n`);
      bar?.start(totals.steps, doneSteps, { text: "", left: left() });
    },
    close: () => bar?.stop(),
  };
}

async function createBar(steps: number): Promise<SingleBar> {
  const { default: progress } = await import("cli-progress");
  const bar = new progress.SingleBar({
    format: "{bar} {percentage}% | {left} left | {text}",
    barsize: 20,
    hideCursor: true,
    linewrap: false,
    clearOnComplete: true,
    stream: (await import("node:process")).stderr,
    gracefulExit: false,
  }, progress.Presets.shades_classic);
  bar.start(steps, 0, { text: "", left: "…" });
  return bar;
}

const run0 = (done: number, all: number) => `[${String(done).padStart(String(all).length)}/${all}]`;

function title(plan: RunPlan): string {
  const lr = plan.schedule[rateKey(plan.schedule)];
  const stage =
    { tune: `tuning ${plan.arm}, lr ${lr}`, arm: plan.arm, sweep: `sensitivity of ${plan.arm}` }[plan.role];
  return printable(`${stage}, seed ${plan.seed}`);
}

function outcome(end: EndedEvent, last: EvalEvent | undefined): string {
  if (end.reason !== "budget") return end.detail ?? end.reason;
  const reached = last ? `${last.split} accuracy ${(100 * last.accuracy).toFixed(1)} %` : `${end.step} steps`;
  return end.ms_per_step === null ? reached : `${reached}, ${end.ms_per_step.toFixed(1)} ms a step`;
}

/** Three significant digits, without the noise of binary fractions. */
function rate(lr: number): string {
  return String(Number(lr.toPrecision(3)));
}

/** `1:02:03` or `2:03`. */
function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => index === 0 ? String(part) : String(part).padStart(2, "0")).join(":");
}
