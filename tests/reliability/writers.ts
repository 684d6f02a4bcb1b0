/** Two processes that start in one folder, and experiments that are resumed with a clock that was set back. */
import { join } from "node:path";
import { spawn } from "../support/cli.ts";
import { differing } from "./compare.ts";
import { training } from "./subjects.ts";

export interface Outcome {
  readonly tries: number;
  readonly faults: readonly string[];
}

const SUBJECT = training(2, "cnn-tiny");
/** Debian's; `LIBFAKETIME_PATH` names another. */
const FAKETIME = Deno.env.get("LIBFAKETIME_PATH") ?? "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

const argsOf = (spec: string, out: string) => [
  ...[spec, "--out", out, "--backend", "wasm", "--threads", "1", "--fresh", "--checkpoint-every", "0"],
];

async function inFolder(work: (folder: string, spec: string, whole: string) => Promise<Outcome>) {
  const folder = await Deno.makeTempDir();
  try {
    const [spec, whole] = [join(folder, "spec.yaml"), join(folder, "whole")];
    await Deno.writeTextFile(spec, SUBJECT.spec);
    const { code, stderr } = await (await spawn("train", argsOf(spec, whole))).output();
    if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
    return await work(folder, spec, whole);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Two starts in one folder, at random up to half a second apart: one trains, the other is refused in words. */
export function twoWriters(tries: number): Promise<Outcome> {
  return inFolder(async (folder, spec, whole) => {
    const faults: string[] = [];
    for (let number = 0; number < tries; number++) {
      const out = join(folder, `out-${number}`);
      const first = spawn("train", argsOf(spec, out)).then((child) => child.output());
      await new Promise((resolve) => setTimeout(resolve, 500 * Math.random()));
      const second = spawn("train", [...argsOf(spec, out), "--resume"]).then((child) => child.output());
      const both = await Promise.all([first, second]);
      const refusals = both.filter(({ code }) => code !== 0);
      for (const { code, stderr } of refusals) {
        const text = new TextDecoder().decode(stderr);
        const isClear = /another process is at work|not empty|there is no such folder/.test(text);
        if (code !== 2 || !isClear) faults.push(`code ${code}: ${text.slice(-300)}`);
      }
      if (refusals.length === 2) faults.push("neither trained");
      else faults.push(...(await differing(whole, out)).map((name) => `${name} differs`));
    }
    return { tries, faults };
  });
}

/** Kills a training and resumes it 400 days before; `null` where there is no libfaketime. */
export async function clockSetBack(tries: number): Promise<Outcome | null> {
  if (!await Deno.stat(FAKETIME).then(() => true, () => false)) return null;
  return inFolder(async (folder, spec, whole) => {
    const faults: string[] = [];
    for (let number = 0; number < tries; number++) {
      const out = join(folder, `out-${number}`);
      const child = await spawn("train", argsOf(spec, out));
      const ended = child.output();
      const checkpoint = join(out, "runs", "cycles-1", "checkpoint.safetensors");
      while (!await Deno.stat(checkpoint).then(() => true, () => false)) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      child.kill("SIGKILL");
      await ended;
      const env = { LD_PRELOAD: FAKETIME, FAKETIME: "-400d", FAKETIME_DONT_FAKE_MONOTONIC: "1" };
      const resumed = await (await spawn("train", [...argsOf(spec, out), "--resume"], { env })).output();
      if (resumed.code !== 0) faults.push(new TextDecoder().decode(resumed.stderr).slice(-300));
      else faults.push(...(await differing(whole, out)).map((name) => `${name} differs`));
    }
    return { tries, faults };
  });
}
