import { dirname, join } from "node:path";
import type { TrainEvent } from "#train/events.ts";
import type { RunPlan, RunRecord } from "#lab/record.ts";
import { isFinished, type Store } from "#lab/store.ts";
import type { Library } from "./library.ts";

/** Writes beside the target and renames, so that a reader sees the old content or the new one, never half of it. */
export async function writeAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    const file = await Deno.open(temporary, { write: true, createNew: true });
    try {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
      await file.sync();
    } finally {
      file.close();
    }
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}

/** An experiment's folder as the design lays it out; `library` finds runs that other experiments have made. */
export function diskStore(folder: string, library?: Library): Store {
  const file = (...parts: string[]) => join(folder, ...parts);
  const json = (data: unknown) => JSON.stringify(data, null, 2) + "\n";
  const read = async (name: string): Promise<RunRecord | null> => {
    try {
      const record = JSON.parse(await Deno.readTextFile(file("runs", name, "run.json"))) as RunRecord;
      return { ...record, events: parseEvents(await Deno.readTextFile(file("runs", name, "events.jsonl"))) };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
  };
  const begin: Store["begin"] = async (record) => {
    const path = file("runs", record.plan.id, "run.json");
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(file("runs", record.plan.id, "events.jsonl"), "");
    await writeAtomic(path, json(record));
  };
  const append: Store["append"] = (plan, events) =>
    Deno.writeTextFile(
      file("runs", plan.id, "events.jsonl"),
      events.map((event) => JSON.stringify(event) + "\n").join(""),
      {
        append: true,
        create: false,
      },
    );
  return {
    writeSpec: (text) => writeAtomic(file("spec.yaml"), text),
    writePlans: (plans) => writeAtomic(file("plan.json"), json(plans)),
    begin,
    append,
    finished: async (plan) => {
      const own = await read(plan.id);
      if (own && isFinished(own) && samePlan(own.plan, plan)) return own;
      const found = await library?.(plan) ?? null;
      if (!found) return null;
      const { events, ...record } = found;
      await begin(record);
      await append(plan, events);
      return found;
    },
    records: async () => {
      const names = (await Array.fromAsync(Deno.readDir(file("runs")))).map(({ name }) => name).sort();
      const records = await Promise.all(names.map(read));
      return records.filter((record) => record !== null);
    },
    writeSummary: (summary) => writeAtomic(file("summary.json"), json(summary)),
    writeReport: (html) => writeAtomic(file("report.html"), html),
  };
}

const samePlan = (a: RunPlan, b: RunPlan) => JSON.stringify(a) === JSON.stringify(b);

/** The whole lines of `events.jsonl`; a last line that was cut off by a crash is left out. NaN is `null` in JSON. */
export function parseEvents(text: string): TrainEvent[] {
  const lines = text.split("\n");
  const whole = text.endsWith("\n") ? lines : lines.slice(0, -1);
  return whole.filter((line) => line !== "").map((line) =>
    JSON.parse(
      line,
      (key, value) => (key === "loss" || key === "lr") && value === null ? NaN : value,
    ) as TrainEvent
  );
}
