/**
 * What a live page costs a study and how far it is behind, in alternation with studies without one:
 *
 *     deno run -A tests/browser/live_cost.ts --pairs 5 --epochs 60 --viewer browser
 *
 * Prints for each pair the ratio of the seconds with and without a page, by the clock and of the processor, and at the end
 * the medians. The page is
 * behind by the time since the record first held a step that the page did not show, at the moment before it is drawn.
 * A viewer is `browser` (Chromium, on the same cores), `stream` (reads what is sent and draws nothing), or `none`.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { spawn } from "../support/cli.ts";
import { launch } from "./launch.ts";

const { values } = parseArgs({
  options: {
    pairs: { type: "string", default: "5" },
    epochs: { type: "string", default: "60" },
    viewer: { type: "string", default: "browser" },
  },
});
const RUNS = 8;
const STEPS = RUNS * 50 * Number(values.epochs);
const SPEC = `name: cost
dataset: { name: shapes-16, train: 800, validation: 200, test: 200 }
model: cnn-tiny
batch_size: 16
duration: ${values.epochs} epochs
eval_every: 1 epoch
seeds: [1, 2]
arms:
${
  ["constant", "cosine", "linear", "sgdr"].map((name) =>
    `  - { name: ${name}, schedule: { name: ${name}, lr: 0.05${
      { cosine: ", T_max: 100%", linear: ", duration: 100%", sgdr: ", T_0: 25%" }[name] ?? ""
    } } }\n`
  ).join("")
}`;

const folder = await Deno.makeTempDir();
await Deno.writeTextFile(join(folder, "spec.yaml"), SPEC);
const browser = values.viewer === "browser" ? await launch() : null;
const ratios: number[][] = [];
const behind: number[] = [];
try {
  for (let pair = 0; pair < Number(values.pairs); pair++) {
    const taken = { without: [0, 0], with: [0, 0] };
    for (const kind of pair % 2 === 0 ? ["without", "with"] as const : ["with", "without"] as const) {
      taken[kind] = await train(join(folder, `${kind}-${pair}`), kind === "with");
    }
    ratios.push(taken.with.map((seconds, at) => seconds / taken.without[at]!));
    console.log(
      `${taken.without[0]!.toFixed(2)} s without, ratio ${ratios.at(-1)![0]!.toFixed(3)}; ` +
        `${taken.without[1]!.toFixed(2)} s of the processor, ratio ${ratios.at(-1)![1]!.toFixed(3)}; ` +
        `behind at most ${(behind.at(-1)! / 1000).toFixed(2)} s`,
    );
  }
  const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
  const [clock, processor] = [0, 1].map((at) => median(ratios.map((pair) => pair[at]!)).toFixed(3));
  console.log(
    `medians: ${clock} by the clock, ${processor} of the processor; behind at most ${
      (Math.max(...behind) / 1000).toFixed(2)
    } s`,
  );
} finally {
  await browser?.close();
  await Deno.remove(folder, { recursive: true });
}

/** Seconds from the first step to the last by the record's own files, and those that the process had of the processor. */
async function train(out: string, isServed: boolean): Promise<number[]> {
  const args = [join(folder, "spec.yaml"), "--out", out, "--backend", "wasm", "--fresh", "--threads", "1"];
  const child = await spawn("train", [...args, ...isServed ? ["--serve", "0"] : []]);
  let isOver = false;
  const status = child.status.then(({ code }) => {
    isOver = true;
    if (code !== 0) throw new Error(`a study ended with code ${code}`);
  });
  const drained = child.stdout.pipeTo(new WritableStream());
  const address = Promise.withResolvers<string>();
  const read = (async () => {
    let text = "";
    for await (const bytes of child.stderr) {
      text += new TextDecoder().decode(bytes);
      const found = /^Live page: ([^\s#]+)/m.exec(text);
      if (found) address.resolve(found[1]!);
    }
  })();
  /** When the record first held so many steps, in milliseconds. */
  const record: { at: number; steps: number }[] = [];
  const shown: { at: number; steps: number }[] = [];
  const watching = isServed ? watch(await address.promise, shown) : Promise.resolve();
  const offsets = new Map<string, number>();
  let steps = 0;
  let processor = 0;
  while (!isOver) {
    steps += await newSteps(join(out, "runs"), offsets);
    if (steps > (record.at(-1)?.steps ?? 0)) record.push({ at: performance.now(), steps });
    processor = await processorSeconds(child.pid) ?? processor;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await Promise.all([status, drained, read, watching]);
  if (isServed) behind.push(Math.max(0, ...delays(record, shown)));
  const last = record.find(({ steps }) => steps >= STEPS - 16) ?? record.at(-1)!;
  return [(last.at - record[0]!.at) / 1000, processor];
}

/** User and system time so far (Linux); `null` once the process is gone. */
async function processorSeconds(pid: number): Promise<number | null> {
  const text = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => null);
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields ? (Number(fields[11]) + Number(fields[12])) / 100 : null;
}

function delays(
  record: readonly { at: number; steps: number }[],
  shown: readonly { at: number; steps: number }[],
) {
  return shown.slice(1).map(({ at }, index) => {
    const missed = record.find(({ steps }) => steps > shown[index]!.steps);
    return missed === undefined ? 0 : at - missed.at;
  });
}

async function newSteps(runs: string, offsets: Map<string, number>): Promise<number> {
  let found = 0;
  for (const { name } of await Array.fromAsync(Deno.readDir(runs)).catch(() => [])) {
    const path = join(runs, name, "events.jsonl");
    const file = await Deno.open(path).catch(() => null);
    if (file === null) continue;
    await file.seek(offsets.get(name) ?? 0, Deno.SeekMode.Start);
    const bytes = new Uint8Array(await new Response(file.readable).arrayBuffer());
    // Lines that are whole.
    const end = bytes.lastIndexOf(10) + 1;
    offsets.set(name, (offsets.get(name) ?? 0) + end);
    found += new TextDecoder().decode(bytes.subarray(0, end)).split('"kind":"step"').length - 1;
  }
  return found;
}

/** Notes when the page shows how many steps, until the study is over. */
async function watch(address: string, shown: { at: number; steps: number }[]): Promise<void> {
  const note = (share: number) => shown.push({ at: performance.now(), steps: Math.round(share * STEPS) });
  if (browser) {
    const page = await browser.newPage();
    await page.exposeFunction("note", note);
    await page.addInitScript(() => {
      const { note } = globalThis as unknown as { note: (share: number) => void };
      let last = -1;
      // After the picture is drawn: the event of the figures comes last, and a frame follows it.
      document.addEventListener("figures", () =>
        requestAnimationFrame(() => {
          const { value } = document.getElementById("live-bar") as HTMLProgressElement;
          if (value !== last) note(last = value);
        }));
    });
    await page.goto(address);
    await page.waitForSelector("section#arms", { timeout: 0 });
    await page.close();
  } else if (values.viewer === "stream") {
    const { body } = await fetch(`${address}events`);
    let text = "";
    for await (const bytes of body!) {
      text += new TextDecoder().decode(bytes);
      for (const [, share] of text.matchAll(/event: progress\ndata: .*"share":([\d.]+)/g)) {
        note(Number(share));
      }
      text = text.slice(text.lastIndexOf("\n\n") + 2);
    }
  }
}
