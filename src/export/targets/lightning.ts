import { torchClass, torchOptimizer } from "#schedules/frameworks/optimizer.ts";
import type { Job } from "../job.ts";
import { program } from "../program.ts";
import { momentumAssignment, torchParts } from "./torch.ts";

/** Methods of a LightningModule: `configure_optimizers`, whose interval is what its scheduler counts. */
export function emitLightning(job: Job): string {
  const parts = torchParts(job, "pytorch");
  const scheduler = parts.scheduler.replaceAll("\n", "\n    ");
  const interval = parts.perEpoch ? "epoch" : "step";
  return program(job, [`from torch.optim import ${torchClass(job.optimizer)}`, ...parts.imports], [
    ...parts.definitions,
    "# a method of the LightningModule",
    "def configure_optimizers(self):",
    `    optimizer = ${torchOptimizer(job.optimizer, parts.lr, "self.parameters()")}${parts.lrNote}`,
    `    scheduler = ${scheduler}`,
    `    return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "${interval}"}}`,
    ...(parts.momentum === null ? [] : [
      "",
      "# another one, as the scheduler leaves the momentum alone",
      "def on_train_batch_start(self, batch, batch_idx):",
      "    for group in self.optimizers().param_groups:",
      `        ${momentumAssignment(job, `${parts.momentum}(self.global_step)`)}`,
    ]),
    ...parts.notes,
  ]);
}
