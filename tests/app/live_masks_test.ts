import assert from "node:assert/strict";
import { writeSafetensors } from "#lib/safetensors.ts";
import { createLiveMasks } from "#app/serve/live_masks.ts";
import { MASK_FILES } from "#results/mask_examples.ts";
import type { RunPlan } from "#results/run.ts";

const planOf = (arm: string) =>
  ({ id: arm, arm, seed: 1, total_steps: 40, steps_per_epoch: 10, eval_every: 10 }) as RunPlan;
const mask = (value: number) => ({ shape: [1, 2, 2], data: new Uint8Array(4).fill(value) });
const images = writeSafetensors({
  images: { shape: [1], data: Uint32Array.of(3) },
  pixels: { shape: [1, 2, 2, 1], data: new Uint8Array(4) },
  truth: mask(1),
}, { classes: '["ground","one"]' });
const predicted = (dice: number) =>
  writeSafetensors({ prediction: mask(1), dice: { shape: [1], data: Float64Array.of(dice) } });

Deno.test("the live page's strip is that of the run that kept masks last, and grows with it", () => {
  const masks = createLiveMasks();
  const [one, other] = [planOf("one"), planOf("other")];
  const keep = (plan: RunPlan, name: string, bytes: Uint8Array | null) => masks.file(plan, { name, bytes });
  const notes = () =>
    masks.strip().flatMap(({ title, rows }) => [title, ...rows[0]!.pictures.map(({ note }) => note)]);
  assert.ok(!keep(one, MASK_FILES.step(10), predicted(0.1)), "images come first");
  assert.deepEqual(notes(), []);
  assert.ok(!keep(one, MASK_FILES.images, images));
  assert.ok(keep(one, MASK_FILES.step(10), predicted(0.1)));
  assert.ok(keep(one, MASK_FILES.step(20), predicted(0.5)));
  const title = (arm: string) => `${arm}, seed 1: predicted masks over training`;
  assert.deepEqual(notes(), [title("one"), "", "", "Dice 10.0 %", "Dice 50.0 %"]);
  keep(other, MASK_FILES.images, images);
  assert.ok(keep(other, MASK_FILES.step(10), predicted(0.2)));
  assert.deepEqual(notes(), [title("other"), "", "", "Dice 20.0 %"]);
  assert.ok(!keep(one, "end.safetensors", new Uint8Array()));
  assert.ok(!keep(one, MASK_FILES.step(20), null));
});
