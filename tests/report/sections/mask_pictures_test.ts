import assert from "node:assert/strict";
import { decode } from "fast-png";
import { bundleOf } from "#app/notebook/display.ts";
import { channels } from "#report/charts/palette.ts";
import { composeReport } from "#report/compose/experiment.ts";
import type { Pictures, Report } from "#report/model.ts";
import { renderPage } from "#report/render/html.ts";
import { renderTerminal } from "#report/render/terminal.ts";
import { classLegend, errorMap, ERRORS } from "#report/sections/masks/colors.ts";
import { masksSection } from "#report/sections/masks/masks_section.ts";
import type { MaskExamples, MaskImages } from "#results/mask_examples.ts";
import { experimentFixture } from "../../support/experiment_fixture.ts";

const { summary, records } = experimentFixture({ steps: 20, stepsPerEpoch: 10, arms: ["one", "two"] });
const images: MaskImages = {
  classes: ["ground", "<disc>", "ring"],
  height: 2,
  width: 3,
  channels: 1,
  images: [{
    number: 7,
    pixels: Uint8Array.of(9, 80, 255, 0, 1, 2),
    truth: Uint8Array.of(0, 1, 1, 0, 2, 0),
  }],
};
const masks = (dice: number | null) => [{ mask: Uint8Array.of(0, 1, 0, 2, 1, 0), dice }];
const examples: MaskExamples = {
  strip: { images, moments: [{ step: 5, masks: masks(null) }, { step: 20, masks: masks(0.25) }] },
  extremes: { images, masks: masks(0.25) },
};
const plans = ["two", "one"].map((arm) => records.find(({ plan }) => plan.arm === arm)!.plan);
const report: Report = composeReport(summary, records, plans.map((plan) => ({ plan, examples })));
const section = report.sections.find(({ id }) => id === "masks")!;
const pictures = section.blocks.filter((block): block is Pictures => block.kind === "pictures");
const page = await renderPage(report, { css: "", client: "", plotly: "" });

Deno.test("a strip has image, truth and a prediction for each moment; the extremes also a map of errors", () => {
  assert.deepEqual(pictures.map(({ id, title }) => [id, title]), [
    ["masks-strip-0", "one, seed 1: predicted masks over training"],
    ["masks-strip-1", "two, seed 1: predicted masks over training"],
    ["masks-extremes-0", "one, seed 1: best and worst images"],
    ["masks-extremes-1", "two, seed 1: best and worst images"],
  ]);
  assert.deepEqual(pictures[0]!.columns, ["image", "truth", "epoch 0.5", "epoch 2"]);
  assert.deepEqual(pictures[0]!.rows[0]!.pictures.map(({ note }) => note), [
    "",
    "",
    "no object",
    "Dice 25.0 %",
  ]);
  assert.deepEqual(pictures[2]!.columns, ["image", "truth", "prediction", "errors"]);
  assert.deepEqual(pictures[2]!.rows[0]!.pictures.at(-1)!.pixels, Uint8Array.of(0, 1, 2, 3, 4, 0));
});

Deno.test("pictures of the page are PNGs with just these pixels, each with a text for those who do not see it", () => {
  const found = [
    ...page.matchAll(
      /<img src="data:image\/png;base64,([^"]+)" width="(\d+)" height="(\d+)" alt="([^"]+)">/g,
    ),
  ];
  assert.equal(found.length, 2 * (4 + 4));
  const [image, truth, , predicted] = found.map(([, bytes]) => decode(Uint8Array.fromBase64(bytes!)));
  assert.deepEqual([...image!.data], [9, 80, 255, 0, 1, 2]);
  const colors = classLegend(images.classes).map(({ color }) => channels(color));
  assert.deepEqual([truth!.palette, [...truth!.data]], [colors, [0, 1, 1, 0, 2, 0]]);
  assert.deepEqual([...predicted!.data], [0, 1, 0, 2, 1, 0]);
  assert.deepEqual(found[0]!.slice(2), ["96", "64", "Validation image 7"]);
  assert.equal(found[1]![4], "True mask of validation image 7: &#60;disc&#62; 33 %, ring 17 %");
  assert.match(found[3]![4]!, /^Mask predicted at epoch 2 for validation image 7: .*; Dice 25\.0 %$/);
  assert.match(found[11]![4]!, /50\.0 % wrong$/);
  assert.doesNotMatch(page, /<disc>/);
});

Deno.test("a terminal and a notebook without pictures have a line in their place", () => {
  const text = renderTerminal(report, { columns: 80, color: false, page: null, verbose: true });
  assert.match(text, /^one: 1 image at 2 moments of training, on the page$/m);
  assert.match(text, /^two: validation images from 25\.0 % to 25\.0 % Dice, on the page$/m);
  const { "text/html": html, "text/plain": plain } = bundleOf(pictures[0]!);
  assert.match(String(html), /image-rendering: pixelated[^]*<img src="data:image\/png/);
  assert.equal(plain, "one: 1 image at 2 moments of training, on the page");
});

Deno.test("there is no section where nothing was kept, no strip without moments, and at most twelve arms have pictures", () => {
  assert.ok(!composeReport(summary, records).sections.some(({ id }) => id === "masks"));
  const bare = { strip: { images, moments: [] }, extremes: null };
  assert.equal(masksSection([{ plan: plans[0]!, examples: bare }])[0]!.blocks.length, 1);
  const many = Array.from(
    { length: 14 },
    (_, index) => ({ plan: { ...plans[0]!, arm: `arm ${index}` }, examples }),
  );
  const { blocks } = masksSection(many)[0]!;
  assert.equal(blocks.filter(({ kind }) => kind === "pictures").length, 24);
  assert.match(JSON.stringify(blocks[0]), /2 further arms left out/);
});

Deno.test("more classes than colours share them, and every kind of error has one of its own", () => {
  const legend = classLegend(Array.from({ length: 11 }, (_, label) => `class ${label}`));
  assert.equal(legend.length, 9);
  assert.equal(legend[1]!.name, "class 1, class 9");
  const kinds = errorMap(Uint8Array.of(0, 1, 1, 0, 1), Uint8Array.of(0, 1, 0, 1, 2));
  assert.deepEqual([...kinds].map((kind) => ERRORS[kind]!.name), ERRORS.map(({ name }) => name));
});
