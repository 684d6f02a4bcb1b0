import assert from "node:assert/strict";
import { durationToSteps, parseDuration, type RunShape } from "#lib/duration.ts";
import { PRESETS } from "#advise/presets.ts";
import { recommendSchedule } from "#advise/recommend.ts";
import { hasDescents } from "#app/commands/schedule/spec_yaml.ts";
import { armsOfPreset } from "#app/commands/schedule/read_preset.ts";
import { lintSchedule } from "#lint/lint.ts";
import type { RunFacts } from "#schedules/finding.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { LONG } from "../support/long.ts";
import { answers, PRESET_STEPS_PER_EPOCH, STEPS_PER_EPOCH } from "./answers.ts";

/** Findings that ask for a change. Robbins and Monro's conditions are a fact. */
const findings = (schedule: ScheduleSpec, shape: RunShape, facts: RunFacts) =>
  lintSchedule(schedule, shape, facts).filter(({ code }) => code !== "robbins-monro")
    .map(({ code, why }) => `${code}: ${why}`);

Deno.test("no preset has a finding in its own run, by its own optimizer or as its spec trains it", () => {
  for (const { name, duration, clipNorm } of PRESETS) {
    const { arms, facts } = armsOfPreset(name);
    const { schedule } = arms[0]!;
    for (const stepsPerEpoch of PRESET_STEPS_PER_EPOCH) {
      const totalSteps = durationToSteps(parseDuration(duration), { totalSteps: 0, stepsPerEpoch });
      for (const run of [facts, { ...facts, optimizer: "sgd", clipNorm }]) {
        assert.deepEqual(findings(schedule, { totalSteps, stepsPerEpoch }, run), [], name);
      }
    }
  }
});

Deno.test("nothing that recommend gives has a finding, over the whole grid of answers", () => {
  let count = 0;
  for (const facts of answers()) {
    const { schedule } = recommendSchedule(facts);
    const restarts = hasDescents(schedule);
    // As the printed spec has them.
    const run: RunFacts = {
      optimizer: "sgd",
      clipNorm: ["ensemble", "escape"].includes(facts.goal) ? 1 : null,
      snapshots: restarts,
      resetsOptimizer: restarts,
    };
    // Every answer with one of them, and in long tests with each.
    const sizes = LONG ? STEPS_PER_EPOCH : [STEPS_PER_EPOCH[count % STEPS_PER_EPOCH.length]!];
    for (const stepsPerEpoch of sizes) {
      const shape = { totalSteps: facts.epochs * stepsPerEpoch, stepsPerEpoch };
      assert.deepEqual(findings(schedule, shape, run), [], JSON.stringify({ facts, shape, schedule }));
      count++;
    }
  }
  assert.ok(count > 600, `${count} recommendations were looked at`);
});
