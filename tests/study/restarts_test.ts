import assert from "node:assert/strict";
import type { RunPlan, RunRecord } from "#results/run.ts";
import {
  barrierOf,
  bestByCycle,
  lossAroundRestart,
  pathsOverSeeds,
  restartsOverSeeds,
  riseOf,
  sagOf,
  sharpnessByCycle,
} from "#study/experiment/restarts.ts";
import type { TrainEvent } from "#train/events.ts";

/** Two cycles of 40 steps; the second begins with ten losses higher by `spike`, then falls below the first. */
function record(seed: number, spike: number, first = 0): RunRecord {
  const loss = (step: number) => step < 40 ? 1 : step < 50 ? 1 + spike : 0.8;
  const held = (step: number, accuracy: number): TrainEvent => ({
    kind: "eval",
    step: first + step,
    epoch: 0,
    split: "validation",
    loss: 1,
    accuracy,
  });
  const events: TrainEvent[] = Array.from({ length: 80 }, (_, step) => ({
    kind: "step",
    step: first + step,
    lr: 0.1,
    momentum: 0.9,
    loss: loss(step),
  }));
  return {
    plan: { seed, total_steps: first + 80, first_step: first } as RunPlan,
    provenance: {} as never,
    events: [
      ...events,
      held(20, 0.5),
      held(40, 0.6),
      { kind: "restart", step: first + 40, cycle: 1 },
      held(60, 0.4),
      held(80, 0.6 + seed / 100),
    ],
  };
}
const RECORDS = [record(1, 0.5), record(2, 0.6), record(3, 0.7)];

Deno.test("a restart over seeds: spike and gain with intervals, steps to recover", () => {
  const [restart, ...others] = restartsOverSeeds(RECORDS, 0.001);
  assert.equal(others.length, 0);
  assert.deepEqual([restart!.cycle, restart!.steps], [1, [40, 40]]);
  assert.ok(Math.abs(restart!.spike.difference! - 0.6) < 1e-9);
  assert.equal(restart!.spike.verdict, "higher");
  // Back once the mean of five lies below 1: with one of the ten high losses and four low ones.
  assert.deepEqual(restart!.recovered, { runs: 3, of: 3, steps: 14 });
  assert.ok(Math.abs(restart!.gain.difference! - 0.02) < 1e-9);
});

Deno.test("a run that goes on from another counts its steps from there", () => {
  const later = [record(1, 0.5, 400), record(2, 0.6, 400)];
  const [restart] = restartsOverSeeds(later, 0);
  assert.deepEqual(restart!.steps, [440, 440]);
  assert.ok(Math.abs(restart!.spike.difference! - 0.55) < 1e-9);
  assert.deepEqual(bestByCycle(later[0]!), { steps: [0, 1], values: [0.6, 0.61] });
});

Deno.test("the loss around a restart is told from the level before, and its jump stays where it was", () => {
  const { steps, values } = lossAroundRestart(RECORDS[0]!, 1)!;
  assert.deepEqual([steps[0], steps.at(-1)], [-10, 29]);
  const at = (offset: number) => values[steps.indexOf(offset)]!;
  assert.ok(Math.abs(at(-1)) < 1e-12 && Math.abs(at(1) - 0.5) < 0.05, `${at(-1)} ${at(1)}`);
  // One batch is noise: the average begins to be drawn after its half-life, here of one step.
  assert.ok(!steps.includes(0));
  assert.ok(at(25) < 0, "recovered");
  assert.equal(lossAroundRestart(RECORDS[0]!, 2), null);
});

Deno.test("a restart that the run never came to has no curve and no figures", () => {
  const stopped = { ...RECORDS[0]!, events: RECORDS[0]!.events.filter(({ kind }) => kind === "restart") };
  assert.equal(lossAroundRestart(stopped, 1), null);
  const [restart] = restartsOverSeeds([stopped], 0);
  assert.equal(restart!.spike.verdict, "not enough runs");
  assert.deepEqual(restart!.recovered, { runs: 0, of: 0, steps: null });
});

Deno.test("a barrier rises above the line between its ends; a loss that only falls is none, one that sags is below", () => {
  const positions = [0, 0.5, 1];
  assert.ok(Math.abs(barrierOf({ positions, losses: [1, 1.4, 0.6] }) - 0.6) < 1e-12);
  assert.equal(barrierOf({ positions, losses: [1, 0.75, 0.5] }), 0);
  assert.equal(barrierOf({ positions, losses: [1, 0.5, 1] }), -0.5);
});

Deno.test("paths and sharpness over seeds", () => {
  const path = (from: number, top: number): TrainEvent => ({
    kind: "path",
    step: 80,
    from,
    to: from + 1,
    distance: 3,
    relative_distance: 0.3,
    positions: [0, 0.5, 1],
    losses: [1, top, 1],
  });
  const sharp = (cycle: number, rises: number[]): TrainEvent => ({
    kind: "sharpness",
    step: 80,
    cycle,
    radius: 0.05,
    loss: 1,
    rises,
  });
  const runs = RECORDS.map((one, index) => ({
    ...one,
    events: [path(1, 1), path(0, 2 + 0.1 * index), sharp(0, [0.1, 0.3]), sharp(1, [0.1])],
  }));
  const [first, second] = pathsOverSeeds(runs);
  assert.deepEqual([first!.from, first!.barrier.verdict, first!.barrier.family], [0, "higher", 2]);
  assert.equal(second!.barrier.verdict, "no detectable difference");
  assert.equal(first!.relativeDistance, 0.3);
  assert.deepEqual(sharpnessByCycle(runs[0]!), { steps: [0, 1], values: [0.2, 0.1] });
});

Deno.test("a path that only falls has no rise, however late it falls; a rise is above the higher end", () => {
  const positions = [0, 0.25, 0.5, 0.75, 1];
  const late = { positions, losses: [2, 1.9, 1.8, 1.6, 0.5] };
  assert.ok(barrierOf(late) > 0.7);
  assert.ok(Math.abs(riseOf(late) + 0.1) < 1e-12);
  assert.ok(Math.abs(riseOf({ losses: [1, 1.5, 2.5, 2.2, 2] }) - 0.5) < 1e-12);
  assert.equal(sagOf({ losses: [2, 1, 0.5, 1, 1.5] }), -1);
  assert.equal(sagOf({ losses: [2, 1.75, 1.5, 1.25, 1] }), 0.25);

  const walked = (from: "start" | 0, seed: number): RunRecord => ({
    ...record(seed, 0),
    events: [{
      kind: "path",
      step: 80,
      ...(from === "start" ? { from, to: "end" } : { from, to: 1 }),
      distance: 1,
      relative_distance: 0.5,
      ...late,
    }],
  });
  const both = (seed: number) => ({
    ...record(seed, 0),
    events: [...walked(0, seed).events, ...walked("start", seed).events],
  });
  const paths = pathsOverSeeds([both(1), both(2), both(3)]);
  assert.deepEqual(paths.map(({ from, to, barrier }) => [from, to, barrier.verdict]), [
    ["start", "end", "lower"],
    [0, 1, "higher"],
  ]);
});
