import assert from "node:assert/strict";
import { parse, stringify } from "yaml";
import { parseSpec } from "#spec/parse.ts";
import { type SpecKey, specMarkdown, specSections } from "#spec/spec_markdown.ts";

const PUBLISHED = new URL("../../docs/spec.md", import.meta.url);
const VOCABULARY = {
  datasets: ["shapes", "shapes-masks", "images", "cifar-100", "grammar"],
  labelUnits: { "shapes-masks": "pixel" as const },
  datasetKeys: {
    "images": { required: ["path"], optional: ["size", "colour"] },
    "cifar-100": { required: [], optional: ["labels"] },
    "grammar": { required: [], optional: ["context"] },
  },
  models: ["cnn-small", "cnn-dropout", "cnn", "resnet-20"],
};

type Plain = Record<string, unknown>;

const HEAD = [{ kind: "global_average_pool" }, { kind: "dense" }];
const schedule = { name: "constant", lr: 0.1 };
const BASE = { name: "base", duration: "1 epoch", schedule };
const WHOLE: Plain = {
  name: "example",
  dataset: { name: "shapes" },
  model: "cnn-small",
  batch_size: 32,
  duration: "4 epochs",
  seeds: [1, 2, 3, 4],
  arms: [BASE],
};

/** A whole spec around one mapping of it, which the section's title names. */
function specAround(title: string, example: Plain): Plain {
  const child = { name: "cosine", schedule };
  const tune = "rates" in example ? { tune: { rates: [0.1, 0.2, 0.4], seeds: [100] } } : {};
  const arms = (arm: Plain) => ({ ...WHOLE, ...tune, arms: [BASE, { ...arm, ...example }] });
  const [head, variant] = title.split(": ");
  switch (head) {
    case "The spec":
      return { ...WHOLE, ...example };
    case "arms[]":
      return arms({ ...child, ...("clock" in example && { from: "base" }) });
    case "arms[] with stages": {
      const stage = { name: "one", duration: "2 epochs", schedule };
      return arms({ name: "cosine", stages: [stage, { name: "two", schedule }] });
    }
    case "arms[].stages[]": {
      const stages = [{ name: "one", duration: "2 epochs", schedule, ...example }, { name: "two", schedule }];
      return { ...WHOLE, arms: [BASE, { name: "staged", stages }] };
    }
    case "optimizer.groups[]":
      return { ...WHOLE, optimizer: { name: "sgd", groups: [{ match: "conv1/*", ...example }] } };
    case "averages[]":
      return { ...WHOLE, averages: [{ kind: variant, ...example }] };
    case "tune":
      return { ...WHOLE, tune: { rates: [0.1, 0.2], seeds: [100], ...example } };
    case "looks":
      return { ...WHOLE, looks: { at: [2], ...example } };
    case "sweep":
      return { ...WHOLE, sweep: { over: { "arms[0].schedule.lr": [0.1, 0.2] }, ...example } };
    case "probe":
      return { ...WHOLE, probe: { for: "1 epoch", ...example } };
    case "dataset": {
      const name = "labels" in example ? "cifar-100" : "context" in example ? "grammar" : "images";
      const own = ["path", "size", "colour"].some((key) => key in example);
      const around = own ? { name, path: "photos" } : { name: name === "images" ? "shapes" : name };
      return { ...WHOLE, dataset: { ...around, ...example } };
    }
    case "loss": {
      const components = variant === "sum" && { components: [{ name: "dice" }] };
      return {
        ...WHOLE,
        dataset: { name: "shapes-masks" },
        loss: { name: variant, ...components, ...example },
      };
    }
    case "model":
      return { ...WHOLE, model: { layers: HEAD, ...example } };
    case "model.layers[]": {
      const required = {
        conv: { filters: 8 },
        dropout: { rate: 0.5 },
        embedding: { units: 8 },
        residual: { main: [{ kind: "relu" }] },
        concat: { main: [{ kind: "relu" }] },
      };
      const settings = required[variant as keyof typeof required];
      return { ...WHOLE, model: { layers: [{ kind: variant, ...settings, ...example }, ...HEAD] } };
    }
    default:
      return { ...WHOLE, [head!]: { ...(variant !== undefined && { name: variant }), ...example } };
  }
}

const exampleOf = ({ key, example }: SpecKey): Plain => ({ [key]: parse(example) });

// `UPDATE=1 deno test -A tests/spec/spec_docs_test.ts` writes it again after a change.
Deno.test("docs/spec.md is what the schema says", async () => {
  const text = specMarkdown();
  if (Deno.env.get("UPDATE") === "1") await Deno.writeTextFile(PUBLISHED, text);
  assert.equal(
    await Deno.readTextFile(PUBLISHED),
    text,
    "run UPDATE=1 deno test -A tests/spec/spec_docs_test.ts",
  );
});

Deno.test("every key of a spec says what it means, and shows an example", () => {
  const keys = specSections().flatMap(({ title, keys }) => keys.map((key) => ({ title, ...key })));
  assert.ok(keys.length > 80, `only ${keys.length} keys`);
  const silent = keys.filter(({ meaning, example }) => meaning === "" || example === undefined);
  assert.deepEqual(silent.map(({ title, key }) => `${title}: ${key}`), []);
});

for (const { title, keys } of specSections()) {
  Deno.test(`docs/spec.md, ${title}: the lab accepts each example`, () => {
    for (const key of keys) {
      const text = stringify(specAround(title, exampleOf(key)));
      // Refusals name the section, the key's place and the value.
      parseSpec(text, { file: title, profile: null, overrides: {} }, VOCABULARY);
    }
  });
}
