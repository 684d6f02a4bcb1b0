import assert from "node:assert/strict";
import { LAYERS } from "#compute/layers/catalog.ts";
import { buildModel, type ModelRequest, MODELS } from "#compute/models.ts";
import { buildOwnModel, type LayerRequest } from "#compute/own_model.ts";
import { parametersOf } from "#compute/parameters.ts";
import { referenceGradients } from "#compute/reference/model.ts";
import type { PlainDevice } from "#compute/device.ts";
import { openDevice } from "#compute/devices.ts";
import { random } from "#lib/prng.ts";
import { LAYER_KINDS } from "#spec/model_schema.ts";
import { LONG } from "../support/long.ts";
import { requires } from "../support/requires.ts";
import { sharedWebgpuDevice } from "../support/webgpu_device.ts";
import { learnerOptions, someBatch, syntheticData } from "../conformance/support.ts";
import { inputsOf } from "../conformance/reference_run.ts";

const conv = (filters: number, more: object = {}): LayerRequest => ({
  kind: "conv",
  filters,
  kernel: 3,
  stride: 1,
  padding: "same",
  bias: true,
  ...more,
});
const RELU: LayerRequest = { kind: "relu" };
const POOL: LayerRequest = { kind: "max_pool", size: 2 };
const HEAD: readonly LayerRequest[] = [{ kind: "global_average_pool" }, { kind: "dense" }];
const NORMED = (
  filters: number,
): LayerRequest[] => [conv(filters, { bias: false }), { kind: "batch_norm" }, RELU];

/** The lab's own models, written out in layers. */
const WRITTEN: Readonly<Record<string, readonly LayerRequest[]>> = {
  "cnn-tiny": [...NORMED(8), POOL, ...NORMED(16), POOL, ...NORMED(32), ...HEAD],
  "cnn-small": [conv(16), RELU, POOL, conv(32), RELU, POOL, conv(64), RELU, ...HEAD],
  "cnn-dropout": [
    conv(16),
    RELU,
    POOL,
    conv(32),
    RELU,
    POOL,
    conv(64),
    RELU,
    HEAD[0]!,
    { kind: "dropout", rate: 0.25 },
    HEAD[1]!,
  ],
};

Deno.test("the lab's models written out in layers are the same networks, by the same names of parameters", () => {
  for (const [name, layers] of Object.entries(WRITTEN)) {
    const own = buildModel({ name, layers }, [32, 32, 3], 10);
    assert.deepEqual(own, buildModel(name, [32, 32, 3], 10));
  }
  assert.ok(Object.keys(MODELS).length > Object.keys(WRITTEN).length);
});

Deno.test("branches have names of their own, and layers keep the names that they were given", () => {
  const { layers } = buildOwnModel(
    {
      layers: [
        conv(4, { name: "stem" }),
        { kind: "residual", main: [conv(4), { kind: "batch_norm" }], shortcut: [conv(4, { kernel: 1 })] },
        { kind: "residual", name: "last", main: [RELU], shortcut: [] },
        HEAD[0]!,
        { kind: "dense", units: 6 },
        RELU,
        HEAD[1]!,
      ],
    },
    [8, 8, 1],
    3,
  );
  const names = parametersOf({ name: "own", input: [8, 8, 1], classes: 3, layers }).map(({ name }) => name);
  assert.deepEqual(names.filter((name) => /kernel|gamma/.test(name)), [
    "stem/kernel",
    "block1/conv1/kernel",
    "block1/norm1/gamma",
    "block1/shortcut/conv1/kernel",
    "dense1/kernel",
    "dense/kernel",
  ]);
  assert.equal(new Set(names).size, names.length);
});

const REFUSALS: readonly (readonly [title: string, layers: readonly LayerRequest[], message: RegExp])[] = [
  [
    "a kernel larger than its input",
    [conv(16), POOL, conv(8, { kernel: 9, padding: "valid" }), ...HEAD],
    /^model\.layers\[2\]: Layer conv has a kernel of 9, larger than its input \[4,4,16\]; padding "same" allows it$/,
  ],
  [
    "a window larger than its input",
    [POOL, POOL, POOL, POOL, ...HEAD],
    /^model\.layers\[3\]: Layer max_pool has a window of 2, larger than its input \[1,1,3\]$/,
  ],
  [
    "features where an image is needed",
    [HEAD[0]!, conv(4), HEAD[1]!],
    /^model\.layers\[1\]: Layer conv needs \[height, width, channels\], got \[3\]$/,
  ],
  [
    "an image where features are needed",
    [conv(4), HEAD[1]!],
    /^model\.layers\[1\]: Layer dense needs \[features\], got \[8,8,4\]; global_average_pool gives them$/,
  ],
  [
    "branches that come out apart",
    [{ kind: "residual", main: [conv(4)], shortcut: [] }, ...HEAD],
    /^model\.layers\[0\]: Layer block1 cannot add \[8,8,3\] to \[8,8,4\]$/,
  ],
  [
    "a fault within a branch",
    [{ kind: "residual", main: [POOL, { kind: "max_pool", size: 5 }], shortcut: [] }, ...HEAD],
    /^model\.layers\[0\]\.main\[1\]: Layer max_pool has a window of 5, larger than its input \[4,4,3\]$/,
  ],
  [
    "branches that cannot lie side by side",
    [{ kind: "concat", main: [POOL], shortcut: [] }, ...HEAD],
    /^model\.layers\[0\]: Layer skip1 cannot put \[8,8,3\] beside \[4,4,3\]$/,
  ],
  [
    "attention over channels that are no queries, keys and values",
    [conv(16), { kind: "attention", heads: 2, causal: false }, ...HEAD],
    /^model\.layers\[1\]: Layer attention1 needs queries, keys and values side by side, 3 · units channels, got \[8,8,16\]$/,
  ],
  [
    "heads that do not divide the units",
    [conv(24), { kind: "attention", heads: 3, causal: false }, ...HEAD],
    /^model\.layers\[1\]: Layer attention1 cannot share 8 units among 3 heads: 8 \/ 3 is not whole$/,
  ],
  [
    "attention that drops every weight",
    [conv(24), { kind: "attention", heads: 2, causal: false, dropout: 1 }, ...HEAD],
    /^model\.layers\[1\]: Layer attention1 drops a share of 1: expected 0 to below 1$/,
  ],
  [
    "an embedding of images",
    [{ kind: "embedding", units: 8 }, ...HEAD],
    /^model\.layers\[0\]: embedding takes tokens, which text has alone; images begin with conv$/,
  ],
  [
    "an embedding behind another layer",
    [conv(1), { kind: "embedding", units: 8 }, ...HEAD],
    /^model\.layers\[1\]: embedding takes tokens, so it can only be the network's first layer$/,
  ],
  [
    "positions of features",
    [HEAD[0]!, { kind: "positional_embedding" }, HEAD[1]!],
    /^model\.layers\[1\]: Layer positional_embedding needs \[height, width, channels\], got \[3\]$/,
  ],
  [
    "another number of units than classes",
    [HEAD[0]!, { kind: "dense", units: 7 }],
    /^model\.layers\[1\]: the last layer is dense and gives \[7\]; expected dense with 10 units/,
  ],
  [
    "no dense layer at its end",
    [conv(10), HEAD[0]!],
    /^model\.layers\[1\]: the last layer is global_average_pool and gives \[10\]/,
  ],
  [
    "units left out before the end",
    [HEAD[0]!, HEAD[1]!, RELU, HEAD[1]!],
    /^model\.layers\[1\]: dense needs `units`; only the network's last layer may leave them out$/,
  ],
  [
    "one name twice",
    [conv(4, { name: "conv2" }), conv(4), ...HEAD],
    /^model\.layers\[1\]: the name "conv2" is that of model\.layers\[0\] too$/,
  ],
  [
    "a name of other tensors",
    [conv(4, { name: "retained" }), ...HEAD],
    /^model\.layers\[0\]: the name "retained" is that of other tensors in a checkpoint$/,
  ],
  [
    "too many parameters",
    [conv(2048), conv(2048), ...HEAD],
    /^model\.layers: the network has 3\d{7} parameters; at most 20000000 are trained \(conv2\/kernel alone has 37748736\)$/,
  ],
];

for (const [title, layers, message] of REFUSALS) {
  Deno.test(`a network with ${title} is refused with its layer and shapes`, () => {
    assert.throws(
      () => buildOwnModel({ layers }, [8, 8, 3], 10),
      (error) => error instanceof RangeError && message.test(error.message),
    );
  });
}

Deno.test("an embedding has the data's vocabulary, or a larger one", () => {
  const network = (more: object) =>
    buildOwnModel(
      { layers: [{ kind: "embedding", units: 4, ...more }, conv(9, { kernel: 1 })] },
      [6, 1, 1],
      9,
      "token",
    ).layers[0];
  assert.deepEqual(network({}), { kind: "embedding", name: "embedding1", vocabulary: 9, units: 4 });
  assert.deepEqual(network({ vocabulary: 12 }), {
    kind: "embedding",
    name: "embedding1",
    vocabulary: 12,
    units: 4,
  });
  assert.throws(() => network({ vocabulary: 8 }), {
    message: "model.layers[0]: embedding has a vocabulary of 8, fewer than the data's 9 tokens",
  });
});

Deno.test("a spec can name every kind of layer that there is", () => {
  assert.deepEqual([...LAYER_KINDS].sort(), LAYERS.map(({ kind }) => kind).sort());
});

/** A network of random layers that fits its images: whatever a spec may write. */
function randomNetwork(seed: number): readonly LayerRequest[] {
  const source = random(seed, "network");
  const pick = <T>(values: readonly T[]): T => values[source.below(values.length)]!;
  const layer = (): LayerRequest => {
    switch (source.below(13)) {
      case 0:
      case 1:
        return conv(1 + source.below(9), {
          kernel: 1 + source.below(5),
          stride: pick([1, 1, 2, 3]),
          padding: pick(["same", "valid"] as const),
          bias: pick([true, false]),
        });
      case 2:
        return { kind: "batch_norm" };
      case 3:
        return { kind: "max_pool", size: pick([2, 3]) };
      case 4: {
        const main = Array.from(
          { length: 1 + source.below(2) },
          () => pick([RELU, { kind: "batch_norm" } as const]),
        );
        return { kind: "residual", main, shortcut: pick([[], [RELU]]) };
      }
      case 5:
        return { kind: "upsample", size: pick([2, 3]) };
      case 6: {
        const size = pick([2, 3]);
        const down: LayerRequest = { kind: "max_pool", size };
        const up: LayerRequest = { kind: "upsample", size };
        const main = pick<LayerRequest[]>([[down, conv(3), RELU, up], [conv(4)], [up, down, RELU]]);
        return { kind: "concat", main, shortcut: pick([[], [RELU], [conv(2), { kind: "batch_norm" }]]) };
      }
      case 7:
        return pick([{ kind: "layer_norm" }, { kind: "rms_norm" }] as const);
      case 8:
        return pick([{ kind: "gelu" }, { kind: "relu_squared" }] as const);
      case 9:
        return { kind: "positional_embedding" };
      case 10: {
        const heads = pick([1, 2]);
        const main: LayerRequest[] = [
          conv(6 * (1 + source.below(3)), { kernel: 1, bias: pick([true, false]) }),
          { kind: "attention", heads, causal: pick([true, false]) },
        ];
        return { kind: "concat", main, shortcut: pick([[], [conv(2)]]) };
      }
      default:
        return RELU;
    }
  };
  for (;;) {
    const body = Array.from({ length: 1 + source.below(6) }, layer);
    const hidden: LayerRequest[] = pick([[], [{ kind: "dense", units: 5 }, RELU], [{ kind: "batch_norm" }]]);
    const layers = [...body, HEAD[0]!, ...hidden, HEAD[1]!];
    // Attention over thousands of positions takes float64 minutes.
    const text = JSON.stringify(layers);
    if (text.includes("attention") && text.includes("upsample")) continue;
    try {
      buildOwnModel({ layers }, [9, 9, 3], 10);
      return layers;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
}

/** The largest difference of a step's weights from the float64 reference, relative to the largest weight's change. */
async function misfit(request: ModelRequest, device: PlainDevice): Promise<number> {
  const data = syntheticData(12, 9);
  const model = buildModel(request, data.shape, 10);
  const options = learnerOptions(model, data, 8, {
    name: "sgd",
    momentum: 0,
    nesterov: false,
    weight_decay: 0,
    clip_norm: null,
  });
  const batch = someBatch(data, 0, 8);
  const { images, labels } = inputsOf(data, batch);
  const { gradients } = referenceGradients(model, options.initial, images, labels);
  using learner = await device.createLearner(options);
  learner.update(batch, { lr: 1, momentum: 0, step: 0 });
  const after = await learner.save();
  let [most, largest] = [0, 1e-3];
  for (const [name, gradient] of Object.entries(gradients)) {
    gradient.forEach((value, at) => {
      largest = Math.max(largest, Math.abs(value));
      most = Math.max(most, Math.abs(options.initial[name]!.data[at]! - after[name]!.data[at]! - value));
    });
  }
  return most / largest;
}

Deno.test("networks of random layers take the reference's step on WASM", async () => {
  using device = await openDevice("wasm");
  for (let seed = 0; seed < 40; seed++) {
    const layers = randomNetwork(seed);
    const worst = await misfit({ layers }, device);
    assert.ok(worst < 1e-3, `${worst} for ${JSON.stringify(layers)}`);
  }
});

Deno.test(
  "networks of random layers take the reference's step on WebGPU",
  await requires("vulkan"),
  async () => {
    using device = await sharedWebgpuDevice();
    for (let seed = 100; seed < (LONG ? 120 : 104); seed++) {
      const layers = randomNetwork(seed);
      const worst = await misfit({ layers }, device);
      assert.ok(worst < 1e-3, `${worst} for ${JSON.stringify(layers)}`);
    }
  },
);
