import { hasMomentum, torchClass, torchOptimizer } from "#schedules/frameworks/optimizer.ts";
import { real } from "#schedules/frameworks/python.ts";
import { choose, choosePerEpoch } from "../choose.ts";
import { type Job, wantedOf } from "../job.ts";
import { because, formula, momentumFunction, program } from "../program.ts";
import { NUMBERS } from "../style.ts";

/** A scheduler of PyTorch's kind, made for an optimizer. */
export interface TorchParts {
  readonly imports: readonly string[];
  /** Functions, and the comment that says why they are written out; empty for a library's own class. */
  readonly definitions: readonly string[];
  /** The optimizer's own rate. */
  readonly lr: string;
  /** Reason for that rate, as a comment; empty for none. */
  readonly lrNote: string;
  readonly scheduler: string;
  readonly perEpoch: boolean;
  /** Name of the momentum's function, where the scheduler leaves the momentum alone. */
  readonly momentum: string | null;
  readonly notes: readonly string[];
}

const OWNERS = { pytorch: "PyTorch", transformers: "transformers" } as const;

/** A library's own class where one agrees, else LambdaLR with the formula. */
export function torchParts(job: Job, library: "pytorch" | "transformers"): TorchParts {
  const wanted = wantedOf(job, library);
  const perEpoch = choosePerEpoch(wanted);
  const { native, why } = choose(wanted);
  const chosen = perEpoch ?? native;
  if (chosen !== null) {
    return {
      imports: chosen.imports,
      definitions: [],
      lr: real(chosen.base!),
      lrNote: "",
      scheduler: chosen.call,
      perEpoch: perEpoch !== null,
      momentum: null,
      notes: [],
    };
  }
  const { name, functions, imports } = formula(job, NUMBERS);
  const momentum = momentumFunction(job, NUMBERS);
  return {
    imports: [...imports, "from torch.optim.lr_scheduler import LambdaLR"],
    definitions: [
      because(why, `${OWNERS[library]} has no scheduler of this shape`),
      ...[...functions, ...momentum.functions].flatMap((lines) => [lines, ""]),
    ],
    lr: "1.0",
    lrNote: `  # 1.0, as ${name} gives the rate itself`,
    scheduler: `LambdaLR(optimizer, ${name})`,
    perEpoch: false,
    momentum: momentum.name,
    notes: momentum.notes,
  };
}

/** The assignment that moves an optimizer's momentum: Adam's is its first beta. */
export const momentumAssignment = ({ optimizer }: Pick<Job, "optimizer">, call: string): string =>
  hasMomentum(optimizer) ? `group["momentum"] = ${call}` : `group["betas"] = (${call}, group["betas"][1])`;

/** A script for PyTorch, or for transformers, which ends in `scheduler`. */
export function emitTorch(job: Job, library: "pytorch" | "transformers"): string {
  const parts = torchParts(job, library);
  return program(job, [`from torch.optim import ${torchClass(job.optimizer)}`, ...parts.imports], [
    ...parts.definitions,
    `optimizer = ${torchOptimizer(job.optimizer, parts.lr)}${parts.lrNote}`,
    `scheduler = ${parts.scheduler}`,
    `# after each ${parts.perEpoch ? "epoch" : "optimizer.step()"}: scheduler.step()`,
    ...(parts.momentum === null ? [] : [
      `# before each optimizer.step(): for group in optimizer.param_groups: ${
        momentumAssignment(job, `${parts.momentum}(scheduler.last_epoch)`)
      }`,
    ]),
    ...parts.notes,
  ]);
}
