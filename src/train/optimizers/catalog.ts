import { adam } from "./adam.ts";
import { adamw } from "./adamw.ts";
import { lamb } from "./lamb.ts";
import { lion } from "./lion.ts";
import { muon } from "./muon.ts";
import { prodigy } from "./prodigy.ts";
import { rmsprop } from "./rmsprop.ts";
import { scheduleFreeAdamw } from "./schedule_free_adamw.ts";
import { scheduleFreeSgd } from "./schedule_free_sgd.ts";
import { sgd } from "./sgd.ts";

/** Every optimizer that a spec can name, in the order of messages and docs. */
export const OPTIMIZERS = [
  sgd,
  adam,
  adamw,
  rmsprop,
  lion,
  lamb,
  scheduleFreeSgd,
  scheduleFreeAdamw,
  prodigy,
  muon,
] as const;
