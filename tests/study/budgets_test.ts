import assert from "node:assert/strict";
import { armBudgets, choiceShares } from "#study/experiment/budgets.ts";
import { openNeeds } from "#study/experiment/next_look.ts";
import { evidenceOf } from "#study/experiment/evidence.ts";
import { budgetSummaries } from "#study/experiment/budget_summary.ts";
import { triedRates } from "#study/experiment/tuning.ts";
import { sensitiveToRate, tunedWith } from "#study/budget_questions.ts";
import { budgetsSection } from "#report/sections/tuning/budgets_section.ts";
import { parseSpec } from "#spec/parse.ts";
import { planArms, planBudgets, planTuning } from "#spec/plan.ts";
import type { RunPlan, RunRecord } from "#results/run.ts";
import { kindOf } from "#report/charts/registry.ts";
import { experimentFixture } from "../support/experiment_fixture.ts";
import { record } from "../support/records.ts";

const specOf = (
  tune = "{ rates: [0.1, 0.2, 0.4], seeds: [101, 102], budgets: true }",
  own = "rates: [1, 2, 4], ",
) =>
  parseSpec(
    `name: x
dataset: { name: shapes }
model: cnn-small
batch_size: 10
duration: 1 epoch
seeds: [1, 2, 3]
tune: ${tune}
arms:
  - { name: a, schedule: { name: constant, lr: tuned } }
  - { name: b, ${own}schedule: { name: constant, lr: tuned } }
`,
    { file: "x", profile: null, overrides: {} },
    { datasets: ["shapes"], models: ["cnn-small"] },
  );
const SPEC = specOf();
const rateOf = ({ schedule }: RunPlan) => schedule["lr"] as number;

/** Validation accuracy by the place of the rate among its arm's, 0 for a run that diverges; test is 0.01 below. */
const trained = (plans: readonly RunPlan[], reached: readonly number[]): RunRecord[] =>
  plans.map((plan) => {
    const accuracy = reached[Math.log2(rateOf(plan) / (plan.arm === "a" ? 0.1 : 1))]!;
    return accuracy === 0 ? record(plan, 0, "diverged") : record(plan, accuracy);
  });

Deno.test("arms try their own rates, as many as the others, with tuning's seeds and with those of the comparison", () => {
  const rates = (plans: readonly RunPlan[], arm: string) => [
    ...new Set(plans.filter((plan) => plan.arm === arm).map(rateOf)),
  ];
  const [tuning, budget] = [planTuning(SPEC, 100), planBudgets(SPEC, 100)];
  for (const plans of [tuning, budget]) {
    assert.deepEqual([rates(plans, "a"), rates(plans, "b")], [[0.1, 0.2, 0.4], [1, 2, 4]]);
  }
  assert.deepEqual([...new Set(budget.map(({ seed }) => seed))], [1, 2, 3]);
  assert.ok(budget.every(({ read_test }) => read_test) && !tuning.some(({ read_test }) => read_test));
  const ids = [...tuning, ...budget, ...planArms(SPEC, 100, new Map([["a", 0.1], ["b", 1]]))].map(({ id }) =>
    id
  );
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(planBudgets(specOf("{ rates: [0.1, 0.2, 0.4], seeds: [101] }"), 100), []);
  const few = planBudgets(specOf(`{ rates: [0.1, 0.2, 0.4], seeds: [101], budgets: { seeds: 2 } }`), 100);
  assert.deepEqual([...new Set(few.map(({ seed }) => seed))], [1, 2]);
});

Deno.test("budgets that would not be equal are refused", () => {
  assert.throws(
    () => specOf(undefined, "rates: [1, 2], "),
    /rates: 2 rates, and `tune` has 3: expected as many/,
  );
  assert.throws(() => specOf("{ rates: [0.1, 0.2, 0.4], seeds: [101], extend: 1 }"), /rates of their own/);
  assert.throws(
    () => specOf("{ rates: [0.1, 0.2, 0.4], seeds: [101], budgets: true, extend: 1 }", ""),
    /does not go with `budgets`/,
  );
  assert.throws(() => specOf("null"), /need a `tune` section/);
});

Deno.test("each choice of rates leads to the one that tuning takes of it", () => {
  const shares = (count: number, reached: readonly number[]) => {
    const runs = trained(planTuning(SPEC, 100), reached).filter(({ plan }) => plan.arm === "a");
    return [...choiceShares(triedRates(runs, 10), count)].map((
      [rate, share],
    ) => [rate, Math.round(share * 3)]);
  };
  assert.deepEqual(shares(1, [0.5, 0.7, 0.6]), [[0.1, 1], [0.2, 1], [0.4, 1]]);
  assert.deepEqual(shares(2, [0.5, 0.7, 0.6]), [[0.2, 2], [0.4, 1]]);
  assert.deepEqual(shares(3, [0.5, 0.7, 0.6]), [[0.2, 3]]);
  assert.deepEqual(shares(2, [0.5, 0, 0]), [[0.1, 2], [null, 1]], "a choice of which every run failed");
  assert.throws(() => shares(4, [0.5, 0.7, 0.6]), /Cannot choose among 4 of 3 rates/);
});

Deno.test("the accuracy of a budget is that of other seeds at the rates that it leads to; failures count as guessing", () => {
  const only = (plans: readonly RunPlan[]) => plans.filter(({ arm }) => arm === "a");
  const of = (reached: readonly number[], tuned = reached) =>
    armBudgets(
      trained(only(planTuning(SPEC, 100)), tuned),
      trained(only(planBudgets(SPEC, 100)), reached),
      10,
    );
  const near = (values: ReadonlyMap<number, number>, expected: number) => {
    assert.deepEqual([...values.keys()], [1, 2, 3]);
    for (const value of values.values()) {
      assert.ok(Math.abs(value - expected) < 1e-12, `${value}, not ${expected}`);
    }
  };
  const even = of([0.51, 0.71, 0.61]);
  near(even.expected(1), 0.6);
  near(even.expected(2), (2 * 0.7 + 0.6) / 3);
  near(even.expected(3), 0.7);
  near(even.at(0.4), 0.6);
  near(even.lostBesideChosen(), 0.7 - 0.55);
  // Tuning's seeds preferred the first rate: theirs is the choice, not the best of what is reported.
  near(of([0.51, 0.71, 0.61], [0.9, 0.7, 0.6]).expected(3), 0.5);
  near(of([0.51, 0.71, 0]).expected(1), (0.5 + 0.7 + 0.1) / 3);
  assert.equal(of([0.51, 0.71, 0]).rates[2]!.failed, 3);
  assert.equal(of([0.51, 0.71, 0.91]).lostBesideChosen().size, 0, "twice the chosen rate was not tried");
  assert.equal(even.at(0.3).size, 0);
});

/** Evidence in which `a` does well at one rate alone, `b` at all; seeds differ by a little. */
function evidence(spec = SPEC) {
  const wiggle = (records: readonly RunRecord[]) =>
    records.map((one): RunRecord => ({
      ...one,
      events: one.events.map((event) =>
        event.kind === "eval" ? { ...event, accuracy: event.accuracy + 0.001 * (one.plan.seed % 2) } : event
      ),
    }));
  const [a, b] = [[0.4, 0.8, 0.3], [0.79, 0.8, 0.78]];
  const of = (plans: readonly RunPlan[]) =>
    wiggle(plans.flatMap((plan) => trained([plan], plan.arm === "a" ? a! : b!)));
  return evidenceOf({
    spec,
    tuning: [],
    arms: of(planArms(SPEC, 100, new Map([["a", 0.2], ["b", 2]]))),
    cells: [],
    sweep: [],
    budgets: { tuning: of(planTuning(SPEC, 100)), runs: of(planBudgets(SPEC, 100)) },
    images: { validation: 500, test: 1000 },
    classes: 10,
    questions: 3,
  });
}

Deno.test("questions about budgets and about the price of another rate are answered from them", () => {
  const asked = { question: "?", hypothesis: "!" };
  const one = { rates: 1 } as const;
  const verdict = (question: ReturnType<typeof tunedWith>) => {
    question.check!(SPEC);
    const { verdict, text } = question.answer(evidence());
    return [verdict.kind, text];
  };
  assert.deepEqual(
    verdict(
      tunedWith(asked, {
        arm: "b",
        budget: one,
        against: "a",
        againstBudget: one,
        expect: { kind: "higher" },
      }),
    ),
    [
      "supported",
      "test accuracy of b with one rate minus a with one rate: +29.0 points [28.8, 29.2], 3 seeds.",
    ],
  );
  const [kind, text] = verdict(tunedWith(asked, {
    arm: "b",
    budget: { rate: 1 },
    against: "a",
    againstBudget: { rates: 3 },
    expect: { kind: "within", margin: 0.02 },
  }));
  assert.equal(kind, "supported");
  assert.match(text!, /of b at 1 minus a with the best of 3 rates: −1\.0 points/);
  const lost = verdict(sensitiveToRate(asked, { arm: "b", against: "a", expect: { kind: "lower" } }));
  assert.equal(lost[0], "supported");
  assert.match(lost[1]!, /lost at half and twice the chosen rate \(their mean\), b minus a: −43\.5 points/);
});

Deno.test("an open question about budgets asks for more seeds only where every seed is trained at every rate", () => {
  const question = tunedWith({ question: "?", hypothesis: "!" }, {
    arm: "b",
    budget: { rates: 3 },
    against: "a",
    againstBudget: { rates: 3 },
    expect: { kind: "higher" },
    margin: 0.0001,
  });
  const all = openNeeds([question], evidence());
  assert.deepEqual([all.open, [...all.arms]], [["?"], ["a", "b"]]);
  const few = specOf("{ rates: [0.1, 0.2, 0.4], seeds: [101, 102], budgets: { seeds: 3 } }");
  const limited = openNeeds([question], evidence(few));
  assert.deepEqual([limited.open, [...limited.arms]], [["?"], []]);
});

Deno.test("a question about a rate or a budget that the spec does not have is refused before anything runs", () => {
  const asked = { question: "?", hypothesis: "!" };
  const check = (budget: { rates: number } | { rate: number }, spec = SPEC) =>
    tunedWith(asked, {
      arm: "b",
      budget,
      against: "a",
      againstBudget: { rates: 1 },
      expect: { kind: "higher" },
    })
      .check!(spec);
  check({ rate: 4 });
  assert.throws(() => check({ rate: 3 }), /at the rate 3: it is not one of 1, 2, 4/);
  assert.throws(() => check({ rates: 4 }), /with 4 rates: it has 3/);
  assert.throws(
    () => check({ rates: 1 }, specOf("{ rates: [0.1, 0.2], seeds: [101] }", "")),
    /budgets: true/,
  );
});

Deno.test("a summary has the budgets of each arm, and the report shows them by arm, rate and number of rates", () => {
  const { summary } = experimentFixture();
  const budgets = budgetSummaries(evidence());
  const [a, b] = budgets;
  assert.deepEqual([a!.chosen, b!.chosen], [0.2, 2]);
  assert.deepEqual(a!.near_best, { from: 0.2, to: 0.2, margin: 0.01 });
  assert.deepEqual(b!.near_best, { from: 1, to: 2, margin: 0.01 });
  assert.deepEqual(a!.expected.map(({ rates }) => rates), [1, 2, 3]);
  const [section] = budgetsSection({ ...summary, budgets }, ["a", "b"]);
  const blocks = section!.blocks;
  const figures = blocks.flatMap((block) => block.kind === "figure" ? block.id : []);
  assert.deepEqual(figures, ["tuning-budgets", "rate-sensitivity"]);
  for (const block of blocks) {
    if (block.kind !== "figure") continue;
    assert.match(kindOf(block.chart).table(block.chart, "").note, /mean \(95 % interval\)/);
    assert.match(kindOf(block.chart).csv(block.chart), /95 % interval from/);
  }
  const table = blocks.find((block) => block.kind === "table")!;
  assert.deepEqual(table.kind === "table" && table.rows.map(({ cells }) => cells[0]), ["a", "b"]);
  assert.match(
    table.kind === "table" ? table.rows[1]!.cells.join(" | ") : "",
    /79\.\d \[.*\].*1 to 2 \(× 2\) \| 0 of 9/,
  );
  assert.deepEqual(budgetsSection(summary, []), []);
});
