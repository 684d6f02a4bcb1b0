import assert from "node:assert/strict";
import { VOCABULARY } from "#app/studies/study_spec.ts";
import { parseSchedule } from "#schedules/parse.ts";
import { parseSpec } from "#spec/parse.ts";
import { settingsOf } from "#trackers/settings_file.ts";
import { run } from "../support/command.ts";

const DEEP = ["[", "{a: ", '{"a":', "- ", "? ", "[{a: "].map((piece) => `lr: 1\n${piece.repeat(100_000)}`);

Deno.test("a text that is nested without end is refused at once by each reader of YAML", async () => {
  const started = performance.now();
  for (const text of DEEP) {
    const source = { file: "spec.yaml", profile: null, overrides: {} };
    assert.throws(() => parseSpec(text, source, VOCABULARY), /nested more than 100 deep/);
    assert.throws(() => parseSchedule(text), /nested more than 100 deep/);
    assert.equal(settingsOf(text), null);
    const { code, err } = await run(["schedule", "--file", "deep.yaml", "--steps", "10"], {
      "deep.yaml": text,
    });
    assert.ok(code !== 0 && /nested more than 100 deep/.test(err), err);
  }
  assert.ok(performance.now() - started < 10_000, `${performance.now() - started} ms`);
});
