import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url);

/** A program in another folder, which knows the schedules by an import map alone. */
const PROGRAM = `
import { buildSchedule, parseSchedule, type ScheduleSpec } from "lr-lab/schedules";
const spec: ScheduleSpec = parseSchedule("{ name: linear, lr: 1, duration: 10 steps }");
console.log(buildSchedule(spec, { totalSteps: 10, stepsPerEpoch: 1 }).lr(5));
`;

/** Gives a body the commands of Deno in a folder with `program.ts` and its import map; each must succeed. */
export async function withOutsideProgram(
  body: (deno: (...args: string[]) => Promise<string>) => Promise<void>,
) {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/program.ts`, PROGRAM);
    const imports = {
      "lr-lab/schedules": new URL(config.exports["./schedules"], ROOT).href,
      "yaml": config.imports.yaml,
    };
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ imports }));
    await body((...args) => run(folder, args));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function run(folder: string, args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: folder,
    env: { NO_COLOR: "1" },
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
