import assert from "node:assert/strict";
import fc from "fast-check";
import { compareDialects, type Dialect } from "#export/dialect.ts";
import { printDialects } from "#export/print_dialects.ts";
import { nativesOf } from "#export/natives.ts";
import { CATALOGUE } from "#schedules/entries.ts";
import { buildSchedule } from "#schedules/registry.ts";
import { LIBRARIES, type Native } from "#schedules/frameworks/exports.ts";
import { outcomeOf } from "#export/rates.ts";
import golden from "../golden/pytorch_schedules.json" with { type: "json" };
import { shapes, specs } from "../schedules/arbitrary.ts";

const SHAPE = { totalSteps: 100, stepsPerEpoch: 10 };
const compare = (spec: Record<string, unknown>): Record<string, Dialect> =>
  Object.fromEntries(compareDialects(spec as never, SHAPE).map((dialect) => [dialect.framework, dialect]));

Deno.test("multistep: Keras switches one step later, timm one earlier, PyTorch and optax as here", () => {
  const { PyTorch, Keras, optax, timm, transformers } = compare({
    name: "multistep",
    lr: 1,
    milestones: ["30 steps"],
  });
  assert.deepEqual([PyTorch!.differing, optax!.differing], [0, 0]);
  assert.deepEqual(Keras!.samples, [{ step: 30, ours: 0.1, theirs: 1 }]);
  assert.deepEqual(timm!.samples, [{ step: 29, ours: 1, theirs: 0.1 }]);
  assert.match(Keras!.why, /one step later/);
  assert.equal(transformers!.call, null);
});

Deno.test("warmup: optax and transformers count it within the decay, Keras after it, timm under the cosine", () => {
  const then = { name: "cosine", lr: 0.1, T_max: "80 steps" };
  const { PyTorch, Keras, optax, timm, transformers } = compare({
    name: "warmup",
    duration: "20 steps",
    then,
  });
  assert.equal(Keras!.differing, 0);
  assert.equal(PyTorch!.differing, null);
  assert.match(PyTorch!.why, /divides by zero/);
  for (const dialect of [optax!, transformers!]) {
    assert.ok(dialect.differing! > 50);
    assert.match(dialect.why, /counts the warmup too/);
  }
  // The cosine is at a quarter of its way when the ramp reaches it.
  const atJoin = timm!.samples.find(({ step }) => step === 20)!;
  assert.equal(atJoin.ours, 0.1);
  assert.ok(Math.abs(atJoin.theirs - 0.05 * (1 + Math.cos(Math.PI / 4))) < 1e-15);
});

Deno.test("past the end: PyTorch's cosine rises, its one-cycle rebounds, ours stay", () => {
  const cosine = compare({ name: "cosine", lr: 0.1, T_max: "50%" });
  assert.match(cosine.PyTorch!.why, /rises again past T_max/);
  assert.equal(cosine.Keras!.differing, 0);
  assert.equal(cosine.optax!.differing, 0);
  const last = cosine.PyTorch!.samples.at(-1)!;
  assert.ok(last.step > 100 && last.theirs > 0.01 && last.ours === 0);
});

Deno.test("sgdr: PyTorch never reaches the minimum, Keras and timm find cycles by a logarithm", () => {
  const found = compare({
    name: "sgdr",
    lr: 0.1,
    eta_min: 0.001,
    T_0: "10 steps",
    T_mult: 2,
    inclusive_end: true,
  });
  assert.match(found.PyTorch!.why, /never reaches eta_min/);
  for (const framework of ["Keras", "timm"]) assert.match(found[framework]!.why, /logarithm/);
  const restarts = compare({
    name: "sgdr",
    lr: 0.1,
    eta_min: 0.001,
    T_0: "10 steps",
    T_mult: 2,
    lr_decay: 0.5,
  });
  assert.match(restarts.Keras!.why, /does not decay the minimum/);
  assert.equal(restarts.optax!.differing, 0);
});

Deno.test("plateau: on a metric that moves, Keras and optax reduce one evaluation earlier; timm is given the mode", () => {
  const spec = { name: "plateau", lr: 1, patience: 2, cooldown: 3, factor: 0.5 };
  const { PyTorch, Keras, optax, timm, transformers, fastai } = compare(spec);
  for (const same of [PyTorch!, timm!, transformers!]) {
    assert.equal(same.differing, 0, same.framework);
    assert.equal(same.unit, "evaluations");
  }
  assert.match(timm!.call!, /patience_t=2, threshold=0\.0001, cooldown_t=3, lr_min=0\.0, mode="min"/);
  // The last of three improvements is evaluation 2. Here the third bad one in a row reduces; there the second does.
  assert.deepEqual(Keras!.samples[0], { step: 4, ours: 1, theirs: 0.5 });
  assert.deepEqual(optax!.samples[0], { step: 4, ours: 1, theirs: 0.5 });
  assert.equal(fastai!.call, null);
  const upwards = compare({ ...spec, metric: "validation_accuracy", mode: "max" });
  assert.deepEqual([upwards.PyTorch!.differing, upwards.timm!.differing], [0, 0]);
  assert.match(upwards.timm!.call!, /mode="max"/);
  assert.match(upwards.optax!.why, /watches for smaller values only/);
  // A threshold of 0 is refused by optax, which needs one above.
  assert.match(compare({ ...spec, threshold: 0 }).optax!.why, /needs rtol or atol above 0|not after more/);
});

Deno.test("PyTorch's rates past the end, read from the calls, are what PyTorch gave", () => {
  const shape = { totalSteps: 21, stepsPerEpoch: 1 };
  const native = (spec: Record<string, unknown>) => {
    const [{ call, base }] = nativesOf("pytorch", spec as never, shape, CATALOGUE) as [Native];
    const outcome = outcomeOf({ library: "pytorch", text: call, base: base! }, shape);
    return outcome.kind === "rates" ? outcome.rate : assert.fail(call);
  };
  const close = (ours: number, theirs: number) =>
    assert.ok(Math.abs(ours - theirs) <= 1e-9 * Math.abs(theirs) + 1e-15, `${ours} is not ${theirs}`);
  const cosine = native({ name: "cosine", lr: 0.1, T_max: "10 steps" });
  golden.differences.cosine_past_end.forEach((theirs, step) => close(cosine(step), theirs));
  for (const anneal of ["cos", "linear"] as const) {
    const rate = native({ name: "one_cycle", max_lr: 0.1, duration: "10 steps", anneal });
    close(rate(9), golden.differences.one_cycle_past_end[anneal].last);
    close(rate(10), golden.differences.one_cycle_past_end[anneal].past);
  }
});

Deno.test("any schedule that builds can be compared and printed", () => {
  fc.assert(
    fc.property(specs(2), shapes, (spec, shape) => {
      try {
        buildSchedule(spec, shape);
      } catch {
        return;
      }
      const dialects = compareDialects(spec, shape);
      assert.equal(dialects.length, LIBRARIES.length);
      for (const { differing, why } of dialects) {
        assert.ok(differing === 0 || why !== "", JSON.stringify(spec));
      }
      assert.ok(!/undefined|NaN/.test(printDialects(dialects)), printDialects(dialects));
    }),
    { numRuns: 150 },
  );
});

Deno.test("// is the floor of the quotient itself: fit_sgdr trains 14 epochs, whose parts do not sum to 1", () => {
  const text = "learn.fit_sgdr(n_cycles=1, cycle_len=15, lr_max=2.8, cycle_mult=2.9999999999999996)";
  const shape = { totalSteps: 150, stepsPerEpoch: 10 };
  assert.equal(outcomeOf({ library: "fastai", text, base: NaN }, shape).kind, "refusal");
  const divided = outcomeOf(
    { library: "optax", text: "lambda t: 0.3 // 0.1 + 10 * (-7 % 3) + t", base: NaN },
    shape,
  );
  assert.ok(divided.kind === "rates");
  assert.equal(divided.rate(0), 22);
});
