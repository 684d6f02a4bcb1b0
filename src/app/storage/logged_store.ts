import { join } from "node:path";
import { exists } from "./missing.ts";
import type { Store } from "./store.ts";
import type { TensorboardLog } from "./tensorboard_log.ts";

/** The folder of an experiment's event files: `tensorboard --logdir FOLDER/tensorboard`. */
const TENSORBOARD = "tensorboard";

/**
 * The store of an experiment's folder, with event files of TensorBoard where they are asked for. A log that was begun
 * goes on: half of one would show half of the study.
 */
export async function withTensorboard(store: Store, folder: string, isAsked: boolean): Promise<Store> {
  const log = join(folder, TENSORBOARD);
  if (!isAsked && !await exists(log)) return store;
  const { tensorboardLog } = await import("./tensorboard_log.ts");
  return loggedStore(store, tensorboardLog(log));
}

/** A store that writes each run's events to a log as well, after its own record. */
function loggedStore(store: Store, log: TensorboardLog): Store {
  return {
    ...store,
    begin: async (record) => {
      await store.begin(record);
      await log.begin(record);
    },
    append: async (plan, events) => {
      await store.append(plan, events);
      await log.append(plan, events);
    },
    brokenOff: async (plan, provenance) => {
      const broken = await store.brokenOff(plan, provenance);
      if (broken) await log.rewind({ plan, provenance, events: broken.events });
      return broken;
    },
    finished: async (plan) => {
      const record = await store.finished(plan);
      if (record) await log.finished(record);
      return record;
    },
  };
}
