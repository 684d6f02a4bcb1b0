/** Readers of the logs of other tools, for `targets.ts`. */
import { readTracker } from "#trackers/read.ts";
import { settingsOf } from "#trackers/settings_file.ts";
import { recordOf, recordsIn } from "#trackers/tensorboard/records.ts";
import { wallTimesOf } from "#trackers/tensorboard/run_events.ts";
import type { Target } from "./target.ts";

const utf8 = new TextEncoder();
const written = (name: string) => Deno.readFileSync(new URL(`../trackers/data/${name}`, import.meta.url));

const STEPS = [0, 1, 2, 3];
const ROWS = STEPS.map((step) => ({ step, loss: 2 - step / 2, eval: { accuracy: step / 10 }, note: "é" }));
const TABLE = ["step,loss,lr", ...STEPS.map((step) => `${step},${2 - step / 2},1e-3`), ""].join("\n");
const LONG = ["run_id,key,value,step,timestamp", "a,loss,2,0,1700000000000", "b,loss,1,1,1700000001000", ""]
  .join("\n");
const QUOTED =
  '"Name","State","Notes","lr","accuracy"\n"a","finished","one ""line""\nand more","0.1","0.9"\n';
const CHART = '"Step","a - loss","a - loss__MIN","a - loss__MAX"\n"0","2","2","2"\n"1","1","1","1"\n';
const EVENTS = '{"kind":"step","step":0,"lr":0.1,"momentum":0.9,"loss":2.3}\n' +
  '{"kind":"eval","step":2,"epoch":1,"split":"test","loss":1.5,"accuracy":0.4}\n' +
  '{"kind":"ended","step":2,"reason":"diverged","detail":null,"ms_per_step":1}\n';

/** By format, files that are right; those of `tests/trackers/data` are the frameworks' own. */
const LOGS: Readonly<Record<string, readonly (string | Uint8Array)[]>> = {
  "CSV": [written("lightning_metrics.csv"), TABLE, TABLE.replaceAll(",", "\t"), LONG, QUOTED, CHART],
  "JSON lines": [ROWS.map((row) => JSON.stringify(row)).join("\n"), EVENTS],
  "JSON list": [JSON.stringify(ROWS), JSON.stringify(ROWS, null, 1)],
  "trainer_state.json": [written("trainer_state.json")],
  "Keras History": [written("keras_history.json"), '{"loss": {"0": 2, "1": NaN}, "val_loss": {"0": 2.1}}'],
  "TensorBoard event file": [written("summary_writer.tfevents"), written("resumed_2.tfevents")],
};

/** One a format, with the whole records of event files, and the files of hyperparameters beside logs. */
export function trackerTargets(): Target[] {
  const files = Object.entries(LOGS).map(([name, seeds]): Target => ({
    name: `${name}`,
    share: 0.02,
    refusals: ["TrackerError"],
    seeds: seeds.map((seed) => typeof seed === "string" ? utf8.encode(seed) : seed),
    read: readLog,
  }));
  return [...files, events(), settings(), ownRecords()];
}

/** In two chunks, as one that is cut between them. */
async function readLog(bytes: Uint8Array): Promise<void> {
  const half = bytes.length >> 1;
  const chunks = async function* () {
    yield Promise.resolve(bytes.subarray(0, half));
    yield Promise.resolve(bytes.subarray(half));
  };
  const file = { path: "log", size: bytes.length, head: bytes.subarray(0, 65_536), chunks };
  for await (const _ of readTracker(file));
}

/** Messages in records whose checksums agree, as whoever makes a file to do harm would have it. */
function events(): Target {
  return {
    name: "TensorBoard events",
    share: 0.03,
    refusals: ["TrackerError"],
    seeds: [...recordsIn(written("summary_writer.tfevents"))].map((data) => Uint8Array.from(data)),
    read: (bytes) => readLog(recordOf(bytes)),
  };
}

function settings(): Target {
  return {
    name: "hyperparameters beside logs",
    share: 0.01,
    refusals: [],
    seeds: ["lr: 0.1\nseed: 3\nmodel: { depth: 4 }\n", '{"lr": 0.1, "seed": 3}'].map((text) =>
      utf8.encode(text)
    ),
    read: (bytes) => settingsOf(new TextDecoder().decode(bytes)),
  };
}

/** The lab's own event files, which are cut back when a run goes on. What is cut or damaged is left out. */
function ownRecords(): Target {
  const event = Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x10, 1);
  const records = [event, event, event, event, Uint8Array.of(), Uint8Array.of(9)].map(recordOf);
  return {
    name: "TensorBoard records",
    share: 0.05,
    refusals: [],
    seeds: [new Uint8Array(records.flatMap((bytes) => [...bytes]))],
    read: (bytes) => wallTimesOf(recordsIn(bytes)),
  };
}
