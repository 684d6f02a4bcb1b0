import assert from "node:assert/strict";
import fc from "fast-check";
import { parseSpec } from "#spec/parse.ts";
import type { Spec } from "#spec/schema.ts";
import { readAxis, specAxes } from "#spec/sweep/axes.ts";
import { gridCells, randomCells } from "#spec/sweep/cells.ts";
import { checkPath } from "#spec/sweep/paths.ts";
import { checkBudgets, checkCells, imagesOf, planCells } from "#spec/sweep/plan.ts";
import { cellsOf, rungsOf, type SweepRequest, sweptArm } from "#spec/sweep/request.ts";
import { planRungs } from "#spec/sweep/rungs.ts";

const VOCABULARY = { datasets: ["shapes"], models: ["cnn-small", "cnn"] };
const spec = (text = ""): Spec =>
  parseSpec(
    `name: x
dataset: { name: shapes }
model: cnn-small
batch_size: 10
duration: 10 epochs
seeds: [1, 2]
arms:
  - { name: drops, schedule: { name: multistep, lr: 0.1, milestones: [5 epochs, 80%], gamma: 0.1 } }
  - { name: own, optimizer: { name: adam }, schedule: { name: constant, lr: tuned } }
  - { name: later, from: drops, duration: 12 epochs, schedule: { name: constant, lr: 0.1 } }
tune: { rates: [0.1, 0.2], seeds: [9] }
${text}`,
    { file: "x", profile: null, overrides: {} },
    VOCABULARY,
  );
const IMAGES = 100;

function request(over: readonly string[], more: Partial<SweepRequest> = {}): SweepRequest {
  const axes = over.map(readAxis);
  return {
    axes,
    arm: sweptArm(spec(), axes, more.arm ?? null).name,
    method: "grid",
    samples: null,
    draw: 1,
    eta: 3,
    seeds: [1, 2],
    duration: "10 epochs",
    min_duration: null,
    all: false,
    ...more,
  };
}

function planned(over: readonly string[], more: Partial<SweepRequest> = {}) {
  const asked = request(over, more);
  const cells = checkCells(spec(), asked, cellsOf(asked), VOCABULARY);
  return planCells(cells, asked, IMAGES, { share: 1, number: null });
}

Deno.test("an axis is a list of YAML values or a range", () => {
  assert.deepEqual(readAxis("arms[0].schedule.milestones=[50%],[25%, 75%]"), {
    kind: "list",
    path: "arms[0].schedule.milestones",
    values: [["50%"], ["25%", "75%"]],
  });
  assert.deepEqual(readAxis("optimizer.weight_decay=log:1e-5..1e-2/4"), {
    kind: "range",
    path: "optimizer.weight_decay",
    scale: "log",
    from: 1e-5,
    to: 1e-2,
    points: 4,
  });
  const values = gridCells([readAxis("a=log:1e-5..1e-2/4")]).map(({ values }) => values[0]);
  assert.deepEqual(values, [1e-5, 1e-4, 1e-3, 1e-2]);
});

Deno.test("an axis that cannot be read says what is allowed", () => {
  const wrong: [string, RegExp][] = [
    ["lr", /write PATH=VALUE/],
    ["=1,2", /write PATH=VALUE/],
    ["lr=0.1", /has 1 values; an axis has 2/],
    ["lr=0.1,0.1", /0\.1 is there twice/],
    ["lr=0.1,[", /Cannot read the values of lr/],
    ["lr=1], evil: [2", /Cannot read the values/],
    ["lr=log:0..1", /a log range lies above 0/],
    ["lr=linear:2..1", /a range rises/],
    ["lr=log:0x1..1", /Cannot read the range/],
    ["lr=linear:0..1/1", /2 to 1000 points/],
    ["lr=&a [1],*a", /Cannot read the values|is there twice/],
  ];
  for (const [text, message] of wrong) assert.throws(() => readAxis(text), message, text);
  assert.throws(() => gridCells([readAxis("lr=log:1..2")]), /say how many values.*log:1\.\.2\/4/);
  assert.throws(
    () => gridCells(["a=linear:0..1/100", "b=linear:0..1/100"].map(readAxis)),
    /over 10000 cells/,
  );
});

Deno.test("a grid has every combination once", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 2, max: 6 }), { minLength: 1, maxLength: 3 }), (sizes) => {
    const axes = sizes.map((size, index) => readAxis(`a${index}=linear:0..1/${size}`));
    const cells = gridCells(axes);
    assert.equal(cells.length, sizes.reduce((a, b) => a * b));
    assert.equal(new Set(cells.map(({ values }) => JSON.stringify(values))).size, cells.length);
    assert.deepEqual(cells.map(({ number }) => number), cells.map((_, index) => index + 1));
  }));
});

Deno.test("draws are seeded, different, within their ranges, and even on the range's scale", () => {
  const axes = [readAxis("lr=log:1e-4..1"), readAxis("model=cnn-small,cnn")];
  const cells = randomCells(axes, 400, 7);
  assert.deepEqual(randomCells(axes, 400, 7), cells);
  assert.deepEqual(randomCells(axes, 10, 7), cells.slice(0, 10), "more samples keep the first ones");
  assert.notDeepEqual(randomCells(axes, 10, 8), cells.slice(0, 10));
  assert.equal(new Set(cells.map(({ values }) => JSON.stringify(values))).size, 400);
  const rates = cells.map(({ values }) => values[0] as number);
  assert.ok(Math.min(...rates) >= 1e-4 && Math.max(...rates) <= 1);
  const lowHalf = rates.filter((rate) => rate < 1e-2).length / 400;
  assert.ok(Math.abs(lowHalf - 0.5) < 0.1, `${lowHalf} lie in the lower half of the decades`);
  const small = cells.filter(({ values }) => values[1] === "cnn").length / 400;
  assert.ok(Math.abs(small - 0.5) < 0.1);
  assert.throws(() => randomCells([readAxis("a=1,2")], 3, 1), /the axes have 2 combinations/);
});

Deno.test("rungs of successive halving cost the same and end with at least two full runs", () => {
  assert.deepEqual(planRungs(27, 3).map(({ cells }) => cells), [27, 9, 3]);
  assert.deepEqual(planRungs(10, 3).map(({ cells, share }) => [cells, share]), [[10, 0.3], [3, 1]]);
  assert.deepEqual(planRungs(27, 3, 0.2).map(({ cells }) => cells), [27, 9]);
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 1000 }), fc.integer({ min: 2, max: 5 }), (cells, eta) => {
      fc.pre(cells >= 2 * eta);
      const rungs = planRungs(cells, eta);
      assert.equal(rungs[0]!.cells, cells);
      assert.equal(rungs.at(-1)!.share, 1);
      assert.ok(rungs.at(-1)!.cells >= 2);
      for (const rung of rungs) assert.ok(Math.abs(rung.cells * rung.share - rungs.at(-1)!.cells) < 1e-9);
      rungs.slice(1).forEach((rung, index) =>
        assert.equal(rung.cells, Math.floor(rungs[index]!.cells / eta))
      );
    }),
  );
  assert.throws(() => planRungs(5, 3), /at least 6 are needed/);
  assert.throws(() => planRungs(27, 3, 0.5), /the first rung would be 33\.3 %.*shortest allowed is 50 %/);
  assert.throws(() => planRungs(27, 1), /it must be 2 to 100/);
  const asked = request(["batch_size=5,10"], { method: "halving", min_duration: "3 epochs" });
  assert.deepEqual(
    rungsOf(asked, 27).map(({ cells }) => cells),
    [27, 9],
    "a ninth of 10 epochs would be too short",
  );
  assert.throws(() => rungsOf({ ...asked, min_duration: "20 steps" }, 27), /must be in the same unit/);
});

Deno.test("the runs of a rung cost within one step a run of what was planned", () => {
  const asked = request(["arms[0].schedule.lr=log:0.001..1/16"], { method: "halving", eta: 2 });
  const cells = checkCells(spec(), asked, cellsOf(asked), VOCABULARY);
  const rungs = rungsOf(asked, cells.length);
  const costs = rungs.map(({ share, cells: count }, index) =>
    planCells(cells.slice(0, count), asked, IMAGES, { share, number: index + 1 })
      .flatMap(({ plans }) => plans).reduce((sum, plan) => sum + imagesOf(plan), 0)
  );
  assert.equal(rungs.length, 4);
  for (const [index, cost] of costs.entries()) {
    const rounding = 0.5 * 10 * 2 * rungs[index]!.cells;
    assert.ok(Math.abs(cost - costs.at(-1)!) <= rounding, `${costs}`);
  }
});

Deno.test("a rung trains with the schedule planned for its own length", () => {
  const asked = request(["arms[0].schedule.gamma=0.1,0.2,0.3,0.4,0.5,0.6"], { method: "halving" });
  const cells = checkCells(spec(), asked, cellsOf(asked), VOCABULARY);
  const [short] = planCells(cells, asked, IMAGES, { share: 0.4, number: 1 });
  const plan = short!.plans[0]!;
  assert.equal(plan.total_steps, 40);
  assert.deepEqual(plan.schedule["milestones"], ["2 epochs", "80%"], "5 of 10 epochs become 2 of 4");
  assert.deepEqual([plan.id, plan.role, plan.read_test], ["rung-1-cell-1-1", "sweep", false]);
});

Deno.test("any key that decides training can be swept, checked as a whole spec", () => {
  const runs = planned(["optimizer.weight_decay=0,0.01", "batch_size=5,10", "dataset.augment=[],[flip]"]);
  assert.equal(runs.length, 8);
  assert.deepEqual(runs.map(({ plans }) => plans.length), Array(8).fill(2));
  assert.ok(runs.every(({ plans }) => plans.every((plan) => imagesOf(plan) === 1000 && !plan.read_test)));
  assert.deepEqual(runs[1]!.plans[0]!.dataset.augment, ["flip"]);
  assert.deepEqual(
    planned(["accumulate=1,2"]).map(({ plans }) => plans[0]!.accumulate),
    [undefined, 2],
    "optional",
  );
  assert.deepEqual(planned(["model=cnn-small,cnn"]).map(({ plans }) => plans[0]!.model), [
    "cnn-small",
    "cnn",
  ]);
  const optimizers = planned(["optimizer={name: sgd},{name: adam}"]);
  assert.deepEqual(optimizers.map(({ plans }) => plans[0]!.optimizer.name), ["sgd", "adam"]);
});

Deno.test("paths that lead nowhere, to data or to budgets are refused with the place and what is allowed", () => {
  const wrong: [string, RegExp][] = [
    ["__proto__", /__proto__: there is no such key; allowed: name, dataset/],
    ["__proto__.polluted", /__proto__: there is no such key/],
    ["optimizer.__proto__", /optimizer\.__proto__: there is no such key; allowed: name, momentum/],
    ["optimizer.constructor", /there is no such key/],
    ["optimizer.toString.name", /optimizer\.toString: there is no such key/],
    ["arms[7].schedule.lr", /arms\[7\]: there is none; the last is arms\[2\]/],
    ["arms.lr", /arms is a list; write an index/],
    ["optimizer[0]", /optimizer is no list/],
    ["optimizer.name.x", /optimizer\.name is "sgd"/],
    ["arms[0].optimizer.weight_decay", /arms\[0\]\.optimizer: there is no such key/],
    ["duration", /every cell has the same budget; --max-duration.*A sweep can vary model, optimizer/],
    ["dataset.train", /every cell sees the same images/],
    ["seeds", /--seeds sets them/],
    ["name", /A sweep can vary/],
    ["arms[0].name", /A sweep can vary/],
    ["arms[0", /write it as arms\[1\]\.schedule\.lr/],
  ];
  for (const [path, message] of wrong) assert.throws(() => checkPath(spec(), path), message, path);
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
});

Deno.test("values that do not fit are refused with the cell, the place and what is allowed", () => {
  const wrong: [string, RegExp][] = [
    [
      "optimizer.weight_decay=0,a",
      /weight_decay a: optimizer\.weight_decay: expected number, received string/,
    ],
    ["optimizer.weigth_decay=0,1", /optimizer\.weigth_decay: unknown key; did you mean "weight_decay"/],
    ["arms[0].schedule.gama=0.1,0.2", /has no parameter "gama"; did you mean "gamma"/],
    [
      "arms[0].schedule.gamma=0.1,-1",
      /gamma -1: arms\[0\]\.schedule\.gamma: gamma must be a finite number > 0/,
    ],
    ["model=cnn-small,resnet", /model resnet: model: unknown "resnet"; allowed: cnn-small, cnn/],
    ["batch_size=8,8.5", /batch_size 8\.5: batch_size: /],
    ["optimizer={name: sgd},{__proto__: {name: adam}}", /optimizer\.name|unknown key/],
  ];
  for (const [over, message] of wrong) assert.throws(() => planned([over]), message, over);
});

Deno.test("the arm is the one that paths lead into, and must be one that a cell can train", () => {
  const axis = (path: string) => [readAxis(`${path}=0.1,0.2`)];
  assert.equal(sweptArm(spec(), axis("optimizer.weight_decay"), null).name, "drops");
  assert.equal(
    sweptArm(spec(), axis("arms[1].schedule.lr"), null).name,
    "own",
    "its tuned rate is given by the axis",
  );
  assert.throws(() => sweptArm(spec(), axis("arms[1].optimizer.weight_decay"), null), /its rate is `tuned`/);
  assert.throws(() => sweptArm(spec(), axis("arms[2].schedule.lr"), null), /it has `from`/);
  assert.throws(() => sweptArm(spec(), axis("arms[0].schedule.lr"), "own"), /one arm is swept at a time/);
  assert.throws(
    () => sweptArm(spec(), axis("batch_size"), "nobody"),
    /no arm "nobody"; the spec has drops, own/,
  );
});

Deno.test("cells that are the same run, or have other budgets, are refused", () => {
  const asked = request(["optimizer.weight_decay=0,0.1"]);
  const cells = checkCells(
    spec(),
    { ...asked, axes: [readAxis("optimizer.momentum=0.1,0.2")] },
    cellsOf(asked),
    VOCABULARY,
  );
  const own = { ...request(["arms[1].schedule.lr=0.1,0.2"]), axes: [readAxis("optimizer.momentum=0.1,0.2")] };
  const fixed = cells.map((cell) => ({
    ...cell,
    spec: {
      ...cell.spec,
      arms: cell.spec.arms.map((arm) => ({ ...arm, schedule: { name: "constant", lr: 0.1 } })),
    },
  }));
  assert.throws(
    () => checkBudgets(planCells(fixed, own, IMAGES, { share: 1, number: null }), own),
    /are the same run of "own": what differs has no effect on it/,
  );
  const steps = request(["batch_size=5,10"], { duration: "50 steps" });
  const sized = checkCells({ ...spec(), duration: "50 steps" }, steps, cellsOf(steps), VOCABULARY);
  assert.throws(
    () => checkBudgets(planCells(sized, steps, IMAGES, { share: 1, number: null }), steps),
    /different budgets: batch_size 5 sees 250 images, batch_size 10 500\. Write the duration in epochs/,
  );
});

Deno.test("a spec's own sweep is the default", () => {
  const own = spec(`sweep: { over: { "arms[0].schedule.gamma": [0.1, 0.5] } }`);
  assert.deepEqual(specAxes(own), [{ kind: "list", path: "arms[0].schedule.gamma", values: [0.1, 0.5] }]);
  assert.deepEqual(specAxes(spec()), []);
});
