import assert from "node:assert/strict";
import { compareRuns, type Trained } from "#study/verification.ts";
import type { StepEvent } from "#train/events.ts";

const step = (index: number, changes: Partial<StepEvent> = {}): StepEvent => ({
  kind: "step",
  step: index,
  lr: 0.1,
  momentum: 0.9,
  loss: 2,
  ...changes,
});
const run = (changes: Partial<Trained> = {}, values = [1, 2, -0]): Trained => ({
  events: [step(0), step(1), { kind: "ended", step: 2, reason: "budget", detail: null, ms_per_step: 3 }],
  files: new Map([["end", {
    tensors: { w: { shape: [values.length], data: Float32Array.from(values) } },
    about: "{}",
  }]]),
  ...changes,
});

Deno.test("two runs that differ in wall time alone are the same, and what was compared is counted", () => {
  const other = run({ events: run().events.map((event) => ({ ...event, ms_per_step: 9 })) });
  const same = run({
    events: other.events.map((event) => event.kind === "step" ? step(event.step) : event),
  });
  assert.deepEqual(compareRuns(run(), same), {
    steps: 2,
    evaluations: 0,
    tensors: 1,
    values: 3,
    difference: null,
  });
});

const DIFFERENT: [what: string, other: Trained, message: RegExp][] = [
  [
    "a loss",
    run({ events: run().events.with(1, step(1, { loss: 2.0000002 })) }),
    /^step of step 1: .*"loss":2\} and .*"loss":2\.0000002\}$/,
  ],
  ["a loss that is NaN", run({ events: run().events.with(0, step(0, { loss: NaN })) }), /"loss":"NaN"/],
  ["a rate", run({ events: run().events.with(0, step(0, { lr: 0.2 })) }), /step 0: .*"lr":0\.2/],
  [
    "an event that is missing",
    run({ events: run().events.slice(0, 2) }),
    /^ended of step 2: .* and nothing$/,
  ],
  ["one that is too many", run({ events: [...run().events, step(2)] }), /^step of step 2: nothing and/],
  ["a value", run({}, [1, 2.0000002, -0]), /^end, w: value 1 is 2 and 2\.0000002/],
  ["the sign of zero", run({}, [1, 2, 0]), /^end, w: value 2 is -0 and 0$/],
  ["a shape", run({}, [1, 2]), /^end, w: shape \[3\] and \[2\]$/],
  ["a file", run({ files: new Map() }), /^end: only the run that was not broken off left it$/],
  [
    "the state of the schedule",
    run({ files: new Map([["end", { ...run().files.get("end")!, about: "[]" }]]) }),
    /^end: \{\} and \[\]$/,
  ],
];
for (const [what, other, message] of DIFFERENT) {
  Deno.test(`a run that differs in ${what} is told by its first difference`, () => {
    assert.match(compareRuns(run(), other).difference!, message);
  });
}
