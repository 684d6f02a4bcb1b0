import { counted } from "#lib/numbers.ts";
import { scoreOf } from "#results/final.ts";
import type { SingleBar } from "cli-progress";
import type { EndedEvent, EvalEvent, TrainEvent } from "#train/events.ts";
import type { RunPlan, RunRecord } from "#results/run.ts";
import { printable } from "#lib/printable.ts";
import { writtenRate } from "#spec/tuned.ts";
import type { CommandIo } from "../io.ts";
import { createTally, type ProgressTotals } from "./tally.ts";

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

/** Off a terminal a line is printed when a run ends, and at least this often during one. */
const LINE_EVERY_MS = 10_000;

/** A bar on a terminal, plain lines elsewhere. `now` is in milliseconds. */
export async function createProgress(
  io: CommandIo,
  expected: ProgressTotals,
  now: () => number,
): Promise<Progress> {
  const tally = createTally(expected, now);
  const { done, totals } = tally;
  const bar = io.stderrIsTerminal ? await createBar(totals.steps) : null;
  let lastLine = now();
  /** The latest evaluation of each run in progress. */
  const held = new Map<string, EvalEvent>();
  const run = () => `run ${Math.min(done.runs + 1, totals.runs)}/${totals.runs}`;

  return {
    events: (plan, events) => {
      tally.events(plan, events);
      for (const event of events) if (event.kind === "eval") held.set(plan.id, event);
      const step = events.findLast((event) => event.kind === "step");
      const end = events.findLast((event) => event.kind === "ended");
      const shown = step?.kind === "step"
        ? `step ${step.step + 1}/${plan.total_steps} loss ${step.loss.toFixed(3)} lr ${rate(step.lr)}`
        : "";
      if (bar) {
        bar.update(done.steps, {
          text: `${run()} ${printable(plan.arm)}, seed ${plan.seed} | ${shown}`.slice(0, io.columns - 48),
          left: tally.left(),
        });
      } else if (end?.kind === "ended") {
        lastLine = now();
        io.stderr(
          `${run0(done.runs, totals.runs)} ${title(plan)}: ${
            outcome(end, held.get(plan.id))
          }; ${tally.left()} left\n`,
        );
      } else if (now() - lastLine > LINE_EVERY_MS) {
        lastLine = now();
        io.stderr(`${run()} ${title(plan)}: ${shown}; ${tally.left()} left\n`);
      }
    },
    known: (plan, record) => {
      tally.known(plan);
      const from = record?.provenance.reused_from;
      if (bar) bar.update(done.steps, { text: `${run()} ${printable(plan.arm)}`, left: tally.left() });
      else if (from) io.stderr(`${run0(done.runs, totals.runs)} ${title(plan)}: taken from ${from}\n`);
    },
    more: (plans) => {
      tally.more(plans);
      bar?.setTotal(totals.steps);
    },
    notice: (text) => {
      bar?.stop();
      io.stderr(`${text}\n`);
      bar?.start(totals.steps, done.steps, { text: "", left: tally.left() });
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
  const lr = writtenRate(plan.schedule);
  const stage = {
    tune: `tuning ${plan.arm}, lr ${lr}`,
    arm: plan.arm,
    sweep: `sensitivity of ${plan.arm}`,
    budget: `${plan.arm}, lr ${lr}`,
  }[plan.role];
  return printable(`${stage}, seed ${plan.seed}`);
}

function outcome(end: EndedEvent, last: EvalEvent | undefined): string {
  if (end.reason !== "budget") return end.detail ?? end.reason;
  const reached = last ? `${last.split} ${scoreText(last)}` : counted(end.step, "step");
  return end.ms_per_step === null ? reached : `${reached}, ${end.ms_per_step.toFixed(1)} ms a step`;
}

function scoreText(last: EvalEvent): string {
  if (last.text) return `perplexity ${last.text.perplexity.toFixed(2)}`;
  return `${last.segmentation ? "Dice" : "accuracy"} ${(100 * scoreOf(last)).toFixed(1)} %`;
}

/** Three significant digits, without the noise of binary fractions. */
function rate(lr: number): string {
  return String(Number(lr.toPrecision(3)));
}
