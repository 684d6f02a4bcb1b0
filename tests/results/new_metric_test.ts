import assert from "node:assert/strict";
import { composeReport } from "#report/compose/experiment.ts";
import { finals } from "#report/csv/summary.ts";
import type { MetricEntry } from "#results/metric_entry.ts";
import { type Metric, METRICS } from "#results/metrics.ts";
import { planArms } from "#spec/plan.ts";
import { parseSpec } from "#spec/parse.ts";
import { evidenceOf } from "#study/experiment/evidence.ts";
import { summarise } from "#study/experiment/summarise.ts";
import { comparing } from "#study/questions.ts";
import { record } from "../support/records.ts";
import { PROVENANCE } from "../support/run_fixture.ts";

const SPEC = parseSpec(
  `name: x
dataset: { name: shapes }
model: cnn-small
batch_size: 10
duration: 10 epochs
seeds: [1, 2, 3]
arms:
  - { name: constant, schedule: { name: constant, lr: 0.1 } }
  - { name: cosine, schedule: { name: cosine, lr: 0.1, T_max: 10 epochs } }
`,
  { file: "x", profile: null, overrides: {} },
  { datasets: ["shapes"], models: ["cnn-small"] },
);

/** What a contributor would add to the table, and nothing else. */
const LOWEST_RATE: MetricEntry = {
  key: "lowest_rate",
  label: "lowest rate",
  units: { raw: "1", shown: "thousandths", difference: "thousandths" },
  scale: 1000,
  decimals: 2,
  better: "lower",
  largest: Infinity,
  resolution: () => 1e-4,
  compared: true,
  place: "final",
  read: (chain) =>
    Math.min(...chain.at(-1)!.events.flatMap((event) => event.kind === "step" ? [event.lr] : [])),
};

Deno.test("a metric is one entry: evidence, summary, questions, CSV and report have it", () => {
  const table = METRICS as MetricEntry[];
  table.push(LOWEST_RATE);
  try {
    const arms = planArms(SPEC, 100, new Map()).map((plan) => ({
      ...record(plan, 0.5 + plan.seed / 100),
      provenance: PROVENANCE,
    }));
    const evidence = evidenceOf({
      spec: SPEC,
      tuning: [],
      arms,
      cells: [],
      sweep: [],
      images: { validation: 100, test: 100 },
      classes: 10,
    });
    const metric = "lowest_rate" as Metric;
    assert.equal(evidence.values("constant", metric).get(1), 0.1);
    assert.equal(evidence.resolution(metric), 1e-4);
    const asked = { question: "?", hypothesis: "!" };
    const question = comparing(asked, {
      arm: "cosine",
      against: "constant",
      metric,
      expect: { kind: "lower" },
    });
    assert.equal(question.unit, "thousandths");
    const images = { count: 100 };
    const summary = summarise(evidence, {
      complete: true,
      data: { name: "shapes", digest: "", train: images, validation: images, test: images } as never,
      device: PROVENANCE.device,
      provenance: { ...PROVENANCE, command: "train x.yaml", spec_digest: "00", jobs: 1, wall_s: 1 },
      questions: [question],
      introduction: "",
    });
    assert.equal(Object.entries(summary.arms[0]!.runs[0]!.final).at(-1)?.join(), "lowest_rate,0.1");
    assert.match(summary.answers[0]!.text, /^lowest rate of cosine minus constant: −9\d\.\d+ /);
    assert.equal(summary.answers[0]!.verdict.kind, "supported");
    const csv = finals([{ folder: "a", summary, records: arms, spec: null }]).text;
    assert.match(csv.split("\r\n")[0]!, /,lowest rate \(1\),/);
    const tables = composeReport(summary, arms).sections.flatMap(({ blocks }) =>
      blocks.filter((block) => block.kind === "table")
    );
    const heads = tables.find(({ caption }) => caption === "Final results of each arm")!.columns;
    assert.ok(heads.some(({ label }) => label === "lowest rate (thousandths)"));
    assert.ok(
      tables.some(({ caption }) => caption.startsWith("Lowest rate (thousandths): arm minus “constant”")),
    );
  } finally {
    table.pop();
  }
});
