import assert from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { studySpec } from "#app/studies/study_spec.ts";
import { comparisonVerdict, verdict } from "#results/parts.ts";
import { run } from "./support/command.ts";
import { repositoryRoot } from "./support/requires.ts";

const text = await Deno.readTextFile(join(repositoryRoot(), "AGENTS.md"));

/** The code blocks, without their indent. */
const blocks = text.split(/\n\n(?= {4})/).slice(1).map((part) =>
  part.split(/\n\n(?=\S)/)[0]!.replace(/^ {4}/gm, "")
);
const spec = blocks.find((block) => block.startsWith("# compare.yaml"))!;
/** `deno task NAME …`, as words; quotes keep a word whole. */
const commands = [...text.matchAll(/`deno task ([^`]+)`/g)].map(([, line]) =>
  [...line!.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!)
);

Deno.test("AGENTS.md is short, and names tasks, options and files that there are", async () => {
  assert.ok(text.split("\n").length <= 120);
  const { tasks } = JSON.parse(await Deno.readTextFile(join(repositoryRoot(), "deno.json")));
  assert.ok(commands.length > 12);
  for (const [name, ...rest] of commands) {
    if (name === "…") continue;
    assert.ok(name! in tasks, `there is no task ${name}`);
    if (["check", "test"].includes(name!)) continue;
    const { out } = await run([name!, "--help"]);
    for (const option of rest.filter((word) => word.startsWith("--"))) {
      assert.ok(out.includes(option), `${name} has no ${option}`);
    }
  }
  for (const [, path] of text.matchAll(/`((?:docs\/)[\w./]+|[\w-]+\.schema\.json)`/g)) {
    const whole = path!.startsWith("docs/") ? path! : `docs/schemas/${path}`;
    await Deno.stat(join(repositoryRoot(), whole));
  }
});

Deno.test("the spec of AGENTS.md is one: planned looks, a margin, both arms tuned alike", () => {
  const { looks, margin, arms, tune } = studySpec({ file: "compare.yaml", text: spec }, { until: "decided" });
  assert.deepEqual([looks?.at, margin?.accuracy, arms.length, tune?.rates.length], [[4, 8], 0.02, 2, 2]);
});

Deno.test("the schedules' commands of AGENTS.md print JSON", async () => {
  const schedules = commands.filter(([name]) => name === "schedule");
  assert.equal(schedules.length, 3);
  for (const command of schedules) {
    const { code, out, err } = await run(command, { "SPEC.yaml": spec });
    assert.equal(code, 0, err);
    JSON.parse(out);
  }
});

Deno.test("the verdicts that AGENTS.md lists are those of the files", () => {
  const listed = (key: string) => {
    const line = text.split("\n").find((line) => line.trim().startsWith(`${key} ∈`))!;
    return [...line.matchAll(/"([^"]+)"/g)].map(([, word]) => word!).sort();
  };
  assert.deepEqual(listed("verdict"), [...comparisonVerdict.options].sort());
  const kinds = verdict.options.flatMap(({ shape: { kind } }) =>
    kind instanceof z.ZodEnum ? kind.options : [...kind.values]
  );
  assert.deepEqual(listed("answers[i].verdict.kind"), kinds.map(String).sort());
});
