/**
 * Seconds and memory of large logs: writes a file of so many MB in each format, reads it, and judges a run of it.
 *
 *     deno run -A tests/trackers/large_files.ts [--mb 1000] [--only csv,json-lines]
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { encodeEvent } from "#trackers/tensorboard/messages.ts";
import { recordOf } from "#trackers/tensorboard/records.ts";
import { readTracker } from "#trackers/read.ts";
import { trackerFile } from "#app/trackers/tracker_file.ts";
import { spawn } from "../support/cli.ts";

/** A file in pieces: what begins it, a piece for each step, and what ends it. */
interface Sample {
  readonly metric: string;
  readonly head: string;
  readonly tail: string;
  point(step: number): string | Uint8Array;
}

/** As a noisy loss is logged: sixteen digits. */
const loss = (step: number) => 2.3 / (1 + step / 1e5) + 1e-3 * Math.sin(step);

const SAMPLES: Readonly<Record<string, Sample>> = {
  "tensorboard": {
    metric: "loss",
    head: "",
    tail: "",
    point: (step) =>
      recordOf(encodeEvent({
        wallTime: 1.7e9 + step,
        step,
        content: { kind: "summary", values: [{ kind: "scalar", tag: "loss", value: loss(step) }] },
      })),
  },
  "trainer-state": {
    metric: "loss",
    head: '{\n  "epoch": 3.0,\n  "global_step": 5,\n  "log_history": [\n    {"loss": 2.3, "step": 0}',
    tail: '\n  ],\n  "max_steps": 5\n}\n',
    point: (step) =>
      `,\n    {\n      "epoch": ${
        step / 1000
      },\n      "grad_norm": 1.5,\n      "learning_rate": 5e-05,\n      ` +
      `"loss": ${loss(step)},\n      "step": ${step + 1}\n    }`,
  },
  "keras-history": {
    metric: "loss",
    head: '{"loss": [2.3',
    tail: '], "val_loss": [1, 2]}',
    point: (step) => `, ${loss(step)}`,
  },
  "lr-lab": {
    metric: "training_loss",
    head: "",
    tail: "",
    point: (step) => `{"kind":"step","step":${step},"lr":0.1,"momentum":0.9,"loss":${loss(step)}}\n`,
  },
  "json-lines": {
    metric: "loss",
    head: "",
    tail: "",
    point: (step) => `{"step": ${step}, "loss": ${loss(step)}, "lr": 0.1, "eval": {"acc": 0.5}}\n`,
  },
  "json": {
    metric: "loss",
    head: '[{"step": 0, "loss": 2.3}',
    tail: "]\n",
    point: (step) => `,\n{"step": ${step + 1}, "loss": ${loss(step)}, "lr": 0.1}`,
  },
  "csv": {
    metric: "loss",
    head: "step,loss,lr,epoch,accuracy\n",
    tail: "",
    point: (step) => `${step},${loss(step)},0.1,${step / 1000},\n`,
  },
};

async function write(path: string, { head, tail, point }: Sample, bytes: number): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  const writer = file.writable.getWriter();
  const utf8 = new TextEncoder();
  await writer.write(utf8.encode(head));
  for (let step = 0, written = 0; written < bytes;) {
    const points = Array.from({ length: 10_000 }, (_, at) => point(step + at));
    step += points.length;
    const chunk = typeof points[0] === "string"
      ? utf8.encode(points.join(""))
      : joined(points as Uint8Array[]);
    await writer.write(chunk);
    written += chunk.length;
  }
  await writer.write(utf8.encode(tail));
  writer.releaseLock();
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
  return bytes;
}

const peakBytes = (pid: number | string) =>
  1024 * Number(/VmHWM:\s+(\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/status`))![1]);

/** In a process of its own: every record of the file. */
async function read(path: string): Promise<void> {
  let points = 0;
  for await (const record of readTracker(await trackerFile(path))) {
    if (record.kind === "points") points += record.values.length;
  }
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ points, seconds: (user + system) / 1e6, peak: peakBytes("self") }));
}

async function reading(path: string): Promise<{ points: number; seconds: number; peak: number }> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", import.meta.filename!, "--read", path],
    stderr: "inherit",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

const TICKS_A_SECOND = 100;

/** Of the processor. */
function secondsOf(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const [user, system] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13);
  return (Number(user) + Number(system)) / TICKS_A_SECOND;
}

/** Seconds of the processor and the highest memory of `judge` on a run of the file against another of the same. */
async function judging(path: string, metric: string): Promise<{ seconds: number; peak: number }> {
  const child = await spawn("judge", [`A=${path}`, `B=${path}.other`, "--metric", metric, "--mode", "min"]);
  let [seconds, peak] = [0, 0];
  const watch = setInterval(() => {
    try {
      [seconds, peak] = [secondsOf(child.pid), Math.max(peak, peakBytes(child.pid))];
    } catch {
      // It has just ended.
    }
  }, 50);
  const { code, stderr } = await child.output();
  clearInterval(watch);
  // One run a group decides nothing.
  if (code !== 3) throw new Error(new TextDecoder().decode(stderr));
  return { seconds, peak };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      mb: { type: "string", default: "1000" },
      only: { type: "string", default: Object.keys(SAMPLES).join() },
      read: { type: "string" },
    },
  });
  if (values.read !== undefined) await read(values.read);
  else {
    const folder = await Deno.makeTempDir();
    try {
      console.log("| format | MB | points | seconds | MB of memory | `judge`: seconds | MB of memory |");
      console.log("| --- | --: | --: | --: | --: | --: | --: |");
      for (const name of values.only.split(",")) {
        const sample = SAMPLES[name]!;
        const path = `${folder}/log`;
        await write(path, sample, 1e6 * Number(values.mb));
        await write(`${path}.other`, sample, 1e5);
        const found = await reading(path);
        const judged = await judging(path, sample.metric);
        const mb = (bytes: number) => (bytes / 1e6).toFixed(0);
        const { size } = await Deno.stat(path);
        console.log(
          `| ${name} | ${mb(size)} | ${found.points.toLocaleString("en")} | ${found.seconds.toFixed(1)} | ` +
            `${mb(found.peak)} | ${judged.seconds.toFixed(1)} | ${mb(judged.peak)} |`,
        );
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
}
