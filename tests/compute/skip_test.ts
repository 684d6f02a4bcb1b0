import assert from "node:assert/strict";
import { outputShape, parametersOf } from "#compute/parameters.ts";
import { referenceGradients } from "#compute/reference/model.ts";
import { random } from "#lib/prng.ts";
import { ODD_SKIP, SKIP } from "../conformance/support.ts";
import golden from "./skip_golden.json" with { type: "json" };

type Plain = Record<string, { shape: number[]; data: number[] }>;

function assertClose(seen: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number, what: string) {
  assert.equal(seen.length, wanted.length, what);
  for (let index = 0; index < wanted.length; index++) {
    const error = Math.abs(seen[index]! - wanted[index]!);
    assert.ok(error <= tolerance, `${what}[${index}] is off by ${error}`);
  }
}

Deno.test("logits and gradients of skip connections are PyTorch's to 1e-12", () => {
  const state = Object.fromEntries(
    Object.entries(golden.initial as Plain).map((
      [name, { shape, data }],
    ) => [name, { shape, data: Float64Array.from(data) }]),
  );
  const seen = referenceGradients(SKIP, state, Float64Array.from(golden.images), golden.labels);
  assertClose([seen.loss], [golden.loss], 1e-12, "loss");
  assertClose(seen.logits, golden.logits, 1e-12, "logits");
  assert.deepEqual(Object.keys(seen.gradients).sort(), Object.keys(golden.gradients).sort());
  for (const [name, { data }] of Object.entries(golden.gradients as Plain)) {
    assertClose(seen.gradients[name]!, data, 1e-12, `gradient of ${name}`);
  }
});

Deno.test("gradients of odd skip connections are finite differences of the loss", () => {
  const source = random(4, "skip differences");
  const images = Float64Array.from({ length: 3 * 6 * 6 * 3 }, () => source.normal());
  const labels = [1, 0, 4];
  const state = Object.fromEntries(
    parametersOf(ODD_SKIP).map(({ name, shape, init }) => {
      const size = shape.reduce((product, length) => product * length, 1);
      const centre = init === "ones" ? 1 : 0;
      const data = Float64Array.from({ length: size }, () => centre + 0.2 * source.normal());
      return [name, { shape, data }];
    }),
  );
  const { gradients } = referenceGradients(ODD_SKIP, state, images, labels);
  const step = 1e-6;
  for (const [name, gradient] of Object.entries(gradients)) {
    const index = source.below(gradient.length);
    const lossAt = (shift: number) => {
      const data = state[name]!.data.slice();
      data[index]! += shift;
      const moved = { ...state, [name]: { ...state[name]!, data } };
      return referenceGradients(ODD_SKIP, moved, images, labels).loss;
    };
    const slope = (lossAt(step) - lossAt(-step)) / (2 * step);
    assertClose([gradient[index]!], [slope], 1e-8, name);
  }
});

Deno.test("branches of other heights cannot lie side by side, nor features", () => {
  const concat = {
    kind: "concat",
    name: "skip1",
    main: [{ kind: "max_pool", size: 2 }],
    shortcut: [],
  } as const;
  assert.throws(() => outputShape(concat, [8, 8, 3]), /skip1 cannot put \[8,8,3\] beside \[4,4,3\]/);
  const flat = { ...concat, main: [{ kind: "global_average_pool" }] } as const;
  assert.throws(() => outputShape(flat, [8, 8, 3]), TypeError);
});
