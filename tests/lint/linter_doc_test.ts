import assert from "node:assert/strict";
import { PRESETS } from "#advise/presets.ts";
import { lintSchedule } from "#lint/lint.ts";
import { printSchedule } from "#schedules/print.ts";
import { answers, PRESET_STEPS_PER_EPOCH, STEPS_PER_EPOCH } from "../advise/answers.ts";
import { repositoryRoot } from "../support/requires.ts";
import { type Misconfiguration, MISCONFIGURATIONS } from "./misconfigurations.ts";

const PATH = `${repositoryRoot()}/docs/linter.md`;

Deno.test("docs/linter.md has every misconfiguration with what the linter says (UPDATE=1 writes it)", async () => {
  const text = page();
  if (Deno.env.get("UPDATE")) await Deno.writeTextFile(PATH, text);
  assert.equal(await Deno.readTextFile(PATH), text);
});

function page(): string {
  const recommendations = [...answers()].length;
  return `# The linter

\`deno task schedule --check\` looks at a schedule in its run and prints findings: what is questionable, why, the source of
the rule, and a suggestion. Every suggestion was tried: with it the schedule builds, the finding is gone and no other has
come. A finding without one is a fact to know, or has no simple way out.

The run comes from \`--file\` (a spec of \`train\`, each arm with its own settings), or from options: \`--steps\`,
\`--steps-per-epoch\`, \`--optimizer\`, \`--clip-norm\`, \`--snapshots\`, \`--reset\`, \`--convergence\`, \`--stops-at\`,
\`--eval-every\`, \`--accumulate\`.

## Tried on

- ${MISCONFIGURATIONS.length} misconfigurations from public threads, below: all named, all with a suggestion that works
  (\`tests/lint/misconfigurations.ts\`). Numbers that a thread leaves open are of its kind.
- ${PRESETS.length} presets in ${
    PRESETS.length * PRESET_STEPS_PER_EPOCH.length
  } runs of their own length: no finding.
- ${recommendations} answers to the questions of \`recommend\`, each with ${STEPS_PER_EPOCH.length} sizes of an epoch
  (${recommendations * STEPS_PER_EPOCH.length} runs): no finding (\`tests/advise/checked_test.ts\`).

## Misconfigurations

| thread | what happened | run | schedule | finding | suggestion |
| ------ | ------------- | --- | -------- | ------- | ---------- |
${MISCONFIGURATIONS.map(row).join("\n")}
`;
}

function row({ thread, what, spec, shape, facts = {}, code }: Misconfiguration): string {
  const found = lintSchedule(spec, shape, facts).find((finding) => finding.code === code)!;
  const at = found.path.length === 0 ? "" : `in ${found.path.join(".")}: `;
  const [repository, number] = thread.split("#");
  const cells = [
    `[${thread}](https://github.com/${repository}/issues/${number})`,
    what,
    `${shape.totalSteps} steps, ${shape.stepsPerEpoch} an epoch${
      facts.optimizer ? `, ${facts.optimizer}` : ""
    }`,
    `\`${printSchedule(spec)}\``,
    code,
    `\`${at}${found.suggestion}\``,
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
