import assert from "node:assert/strict";
import { catalogJson, catalogText } from "#app/commands/schedule/catalog_text.ts";
import { catalogMarkdown } from "#app/commands/schedule/catalog_markdown.ts";
import { compareDialects } from "#export/dialect.ts";
import { emitSchedule } from "#export/emit.ts";
import { lintSchedule } from "#lint/lint.ts";
import { STAYS } from "#schedules/conditions.ts";
import { describeSchedule } from "#schedules/describe.ts";
import { CATALOGUE, registryOf } from "#schedules/entries.ts";
import { entry } from "#schedules/entry.ts";
import { set } from "#schedules/finding.ts";
import { FRAMEWORKS } from "#schedules/frameworks/exports.ts";
import { torchNative } from "#schedules/frameworks/native.ts";
import { duration, rate } from "#schedules/params.ts";
import { printSchedule } from "#schedules/print.ts";
import { py } from "#schedules/frameworks/python.ts";
import { buildSchedule, checkSchedule } from "#schedules/registry.ts";
import { conditionsOf } from "#schedules/robbins_monro.ts";
import { specJsonSchema } from "#spec/json_schema.ts";
import { parse } from "yaml";

const PARAMS = { lr: rate("rate at each start"), period: duration("P, the time between two starts") };

/** A schedule that no file of the product knows: everything about it stands in this one object. */
const sawtooth = entry({
  name: "sawtooth",
  summary: "Falls in a straight line and starts again.",
  params: PARAMS,
  formula: "η₀·(1 − (t mod P)/P)",
  first: "lr",
  last: "repeats for ever",
  source: "this test",
  label: "sawtooth {lr} every {period}",
  sample: { name: "sawtooth", lr: 0.1, period: "10 steps" },
  build: ({ lr, period }) => ({ lr: (t) => lr * (1 - t % period / period) }),
  conditions: () => STAYS,
  exports: {
    body: ({ lr, period }) => [`return ${py(lr)} * (1 - t % ${period} / ${period})`],
    natives: {
      pytorch: ({ lr, period }) => [
        torchNative("PolynomialLR", { total_iters: period, power: 1 }, lr, "PolynomialLR falls once"),
      ],
    },
  },
  lint: {
    end: ({ period }) => ({ key: "period", steps: period }),
    rules: [({ values: { lr } }) =>
      lr < 1 ? [] : [{
        code: "sharp-tooth",
        severity: "warning",
        why: `A tooth of ${lr} is too sharp.`,
        source: "this test",
        suggestions: [set({ lr: 0.1 })],
      }]],
  },
});
const registry = registryOf([...Object.values(CATALOGUE.entries), sawtooth]);
const SHAPE = { totalSteps: 100, stepsPerEpoch: 10 };
const SPEC = sawtooth.sample;

Deno.test("a schedule of one entry is checked, built, printed and described, alone and nested", () => {
  const nested = { name: "warmup", duration: "10%", then: SPEC };
  for (const spec of [SPEC, nested]) {
    assert.deepEqual(checkSchedule(spec, SHAPE, { registry }), []);
    assert.deepEqual(parse(printSchedule(spec)), spec);
    assert.match(describeSchedule(spec, registry), /sawtooth 0\.1 every 10 steps$/);
  }
  assert.equal(buildSchedule(SPEC, SHAPE, { registry }).lr(15), 0.05);
  assert.equal(buildSchedule(nested, SHAPE, { registry }).lr(15), 0.05);
  const [typo] = checkSchedule({ ...SPEC, name: "sawtoth" }, SHAPE, { registry });
  assert.match(typo!.message, /did you mean "sawtooth"\?/);
  assert.match(checkSchedule(SPEC, SHAPE)[0]!.message, /unknown schedule "sawtooth"/);
});

Deno.test("it is in the list, in the docs and in the JSON Schema", () => {
  assert.match(catalogText(registry), /^sawtooth: Falls in a straight line/m);
  assert.ok(
    JSON.parse(catalogJson(registry)).schedules.some(({ name }: { name: string }) => name === "sawtooth"),
  );
  assert.match(catalogMarkdown(registry), /^## sawtooth$/m);
  const { $defs } = specJsonSchema(registry) as {
    $defs: { schedule: { oneOf: { properties: Record<string, unknown> }[] } };
  };
  const found = $defs.schedule.oneOf.find(({ properties }) =>
    (properties.name as { const: string }).const === "sawtooth"
  );
  assert.deepEqual(Object.keys(found!.properties), ["name", "lr", "period", "update"]);
});

Deno.test("every framework takes its formula, PyTorch its own call where that agrees", () => {
  for (const framework of FRAMEWORKS) {
    const code = emitSchedule(SPEC, SHAPE, framework, registry);
    assert.match(code, /^def sawtooth\(t\):\n {4}"""sawtooth 0\.1 every 10 steps"""\n {4}return 0\.1 \*/m);
  }
  assert.match(emitSchedule(SPEC, SHAPE, "pytorch", registry), /# PolynomialLR falls once, so the formula/);
  const long = { ...SPEC, period: "110 steps" };
  assert.match(
    emitSchedule(long, SHAPE, "pytorch", registry),
    /scheduler = PolynomialLR\(optimizer, total_iters=110, power=1\.0\)/,
  );
  const nested = { name: "scale", by: 2, of: SPEC };
  assert.match(emitSchedule(nested, SHAPE, "optax", registry), /schedule = lambda t: 2\.0 \* sawtooth\(t\)/);
});

Deno.test("its dialects are compared, and libraries without it say so", () => {
  const [PyTorch, Keras] = compareDialects(SPEC, SHAPE, registry);
  assert.match(PyTorch!.why, /falls once/);
  assert.ok(PyTorch!.differing! > 90);
  assert.equal(Keras!.call, null);
});

Deno.test("the linter applies its own rule, the rules for any schedule, and its answer to Robbins and Monro", () => {
  const spec = { ...SPEC, lr: 1, period: "30 steps" };
  const codes = lintSchedule(spec, SHAPE, {}, { registry }).map(({ code }) => code);
  assert.deepEqual(codes, ["plan-and-run-differ", "sharp-tooth", "robbins-monro"]);
  assert.equal(conditionsOf({ name: "scale", by: 2, of: spec }, registry), STAYS);
  const inside = lintSchedule({ name: "repeat", every: "50 steps", of: spec }, SHAPE, {}, { registry });
  assert.deepEqual(inside.find(({ code }) => code === "sharp-tooth")?.path, ["of"]);
});

Deno.test("an entry without exports still trains; emitting it is refused", () => {
  const { exports: _, ...plain } = sawtooth;
  const bare = registryOf([plain]);
  assert.equal(buildSchedule(SPEC, SHAPE, { registry: bare }).lr(0), 0.1);
  for (const framework of FRAMEWORKS) {
    assert.throws(
      () => emitSchedule(SPEC, SHAPE, framework, bare),
      /RangeError: Cannot write sawtooth .* no formula/,
    );
  }
  assert.throws(() => registryOf([plain, sawtooth]), /sawtooth is there twice/);
});

Deno.test("export and lint iterate over entries and name no schedule", async () => {
  const names = new RegExp(
    `(\\.name [!=]== |case |includes\\()"(${CATALOGUE.names.join("|")})"|^ {2}(${
      CATALOGUE.names.join("|")
    })[:,]`,
    "m",
  );
  let files = 0;
  for (const room of ["export", "lint"]) {
    const folder = new URL(`../../src/${room}/`, import.meta.url);
    for (const name of await filesUnder(folder)) {
      assert.doesNotMatch(await Deno.readTextFile(new URL(name, folder)), names, `${room}/${name}`);
      files++;
    }
  }
  assert.ok(files > 10);
});

/** Files under a folder, by their paths from it. */
async function filesUnder(folder: URL): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const inner = isDirectory ? await filesUnder(new URL(`${name}/`, folder)) : [];
    found.push(...(isDirectory ? inner.map((path) => `${name}/${path}`) : [name]));
  }
  return found;
}
