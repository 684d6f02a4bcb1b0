import assert from "node:assert/strict";
import { modelText } from "#spec/model_text.ts";
import { parseSpec, SpecError } from "#spec/parse.ts";
import { planArms, runKey } from "#spec/plan.ts";
import type { Spec } from "#spec/schema.ts";

const VOCABULARY = {
  datasets: ["shapes", "images", "npz"],
  datasetKeys: {
    images: { required: ["path"], optional: ["size", "colour"] },
    npz: { required: ["path"], optional: [] },
  },
  models: ["cnn-small", "cnn"],
};

const read = (dataset: string, model: string): Spec =>
  parseSpec(
    `name: own
dataset: ${dataset}
model: ${model}
batch_size: 8
duration: 4 steps
seeds: [1]
arms: [{ name: base, schedule: { name: constant, lr: 0.1 } }]
`,
    { file: "own.yaml", profile: null, overrides: {} },
    VOCABULARY,
  );
const SHAPES = "{ name: shapes }";
const LAYERS = "{ kind: global_average_pool }, { kind: dense }";

const REFUSALS: readonly (readonly [title: string, dataset: string, model: string, message: RegExp])[] = [
  [
    "an unknown kind",
    SHAPES,
    `{ layers: [{ kind: conf }, ${LAYERS}] }`,
    /^own\.yaml:3:\d+: model\.layers\[0\]\.kind: .*'conv' \| 'batch_norm'/,
  ],
  [
    "a layer without its filters",
    SHAPES,
    `{ layers: [{ kind: conv }, ${LAYERS}] }`,
    /model\.layers\[0\]\.filters: expected number/,
  ],
  [
    "an unknown key of a layer",
    SHAPES,
    `{ layers: [{ kind: conv, filtres: 8 }, ${LAYERS}] }`,
    /model\.layers\[0\]\.filtres: unknown key; did you mean "filters"\?/,
  ],
  [
    "a kernel of 0",
    SHAPES,
    `{ layers: [{ kind: conv, filters: 8, kernel: 0 }, ${LAYERS}] }`,
    /model\.layers\[0\]\.kernel: .*>=1/,
  ],
  [
    "an unknown padding",
    SHAPES,
    `{ layers: [{ kind: conv, filters: 8, padding: full }, ${LAYERS}] }`,
    /model\.layers\[0\]\.padding: .*"same" or "valid"/,
  ],
  [
    "a fault within a branch",
    SHAPES,
    `{ layers: [{ kind: residual, main: [{ kind: dropout, rate: 1 }] }, ${LAYERS}] }`,
    /model\.layers\[0\]\.main\[0\]\.rate: .*<1/,
  ],
  [
    "a name that is none",
    SHAPES,
    `{ layers: [{ kind: conv, filters: 8, name: a/b }, ${LAYERS}] }`,
    /expected a name in lower case, such as conv1/,
  ],
  ["no layers", SHAPES, "{ layers: [] }", /model\.layers: .*>=1/],
  [
    "an unknown key beside the layers",
    SHAPES,
    `{ layer: [] }`,
    /model\.layer: unknown key; did you mean "layers"\?/,
  ],
  ["a number", SHAPES, "7", /model: expected the name of a model, or \{ layers: \[ … \] \}/],
  ["a data set without its path", "{ name: images }", "cnn", /dataset: the data set images needs `path`/],
  [
    "another data set's key",
    "{ name: npz, path: a.npz, size: 8 }",
    "cnn",
    /dataset\.size: the data set npz does not take it; it has path/,
  ],
  [
    "a path for what has none",
    "{ name: shapes, path: photos }",
    "cnn",
    /dataset\.path: the data set shapes does not take it; it has no keys of its own/,
  ],
  [
    "an unknown colour",
    "{ name: images, path: photos, colour: cmyk }",
    "cnn",
    /dataset\.colour: .*"rgb" or "grey"/,
  ],
];

for (const [title, dataset, model, message] of REFUSALS) {
  Deno.test(`a spec with ${title} is refused with its place`, () => {
    assert.throws(
      () => read(dataset, model),
      (error) => error instanceof SpecError && message.test(error.message),
    );
  });
}

Deno.test("a network has its defaults filled in, and a text that is another for every other network", () => {
  const { model } = read(
    SHAPES,
    `{ name: mine, layers: [{ kind: conv, filters: 8 }, { kind: relu }, ${LAYERS}] }`,
  );
  assert.deepEqual(model, {
    name: "mine",
    layers: [
      { kind: "conv", filters: 8, kernel: 3, stride: 1, padding: "same", bias: true },
      { kind: "relu" },
      { kind: "global_average_pool" },
      { kind: "dense" },
    ],
  });
  assert.equal(modelText(model), "mine: conv 8 kernel 3, relu, global_average_pool, dense");
  const texts = [
    "{ kind: conv, filters: 8 }",
    "{ kind: conv, filters: 8, kernel: 5 }",
    "{ kind: conv, filters: 8, stride: 2 }",
    "{ kind: conv, filters: 8, padding: valid }",
    "{ kind: conv, filters: 8, bias: false }",
    "{ kind: conv, filters: 8, name: stem }",
    "{ kind: residual, main: [{ kind: conv, filters: 8 }] }",
    "{ kind: residual, main: [{ kind: conv, filters: 8 }], shortcut: [{ kind: relu }] }",
    "{ kind: residual, main: [{ kind: conv, filters: 8 }, { kind: relu }] }",
  ].map((layer) => modelText(read(SHAPES, `{ layers: [${layer}, ${LAYERS}] }`).model));
  assert.equal(new Set(texts).size, texts.length, texts.join("\n"));
});

Deno.test("where images lie is no part of a run's key; how they are read is", () => {
  const key = (dataset: string) => runKey(planArms(read(dataset, "cnn"), 64, new Map())[0]!);
  const here = key("{ name: images, path: photos, size: 16 }");
  assert.equal(key("{ name: images, path: /elsewhere/photos, size: 16 }"), here);
  assert.notEqual(key("{ name: images, path: photos, size: 32 }"), here);
  assert.notEqual(key("{ name: images, path: photos, size: 16, colour: grey }"), here);
  assert.doesNotMatch(here, /photos/);
});
