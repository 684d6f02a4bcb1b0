import { kwargs, py, real } from "./python.ts";

/** An optimizer that emitted code makes. */
export interface OptimizerChoice {
  readonly name: "sgd" | "adam" | "adamw" | "rmsprop";
  readonly momentum?: number | undefined;
  readonly nesterov?: boolean | undefined;
  readonly betas?: readonly [number, number] | undefined;
  readonly weight_decay?: number | undefined;
}

/** SGD with the usual momentum, where nothing else is asked for. */
export const SGD: OptimizerChoice = { name: "sgd", momentum: 0.9 };
export const ADAMW: OptimizerChoice = { name: "adamw" };

/** True where the optimizer has a momentum of its own; Adam's first beta takes its place. */
export const hasMomentum = ({ name }: OptimizerChoice): boolean => name === "sgd" || name === "rmsprop";

/** An optimizer in words: `adamw, betas 0.9 and 0.95, weight decay 0.1`. */
export function describeOptimizer(
  { name, momentum, nesterov, betas, weight_decay }: OptimizerChoice,
): string {
  return [
    name,
    ...(momentum === undefined ? [] : [`${nesterov === true ? "Nesterov " : ""}momentum ${momentum}`]),
    ...(betas === undefined ? [] : [`betas ${betas[0]} and ${betas[1]}`]),
    ...(weight_decay === undefined ? [] : [`weight decay ${weight_decay}`]),
  ].join(", ");
}

const TORCH = { sgd: "SGD", adam: "Adam", adamw: "AdamW", rmsprop: "RMSprop" } as const;

/** Settings as PyTorch names them: its weight decay is coupled to the gradient, but for AdamW. */
function settings({ momentum, nesterov, betas, weight_decay }: OptimizerChoice): string {
  const values = {
    ...(momentum === undefined || momentum === 0 ? {} : { momentum }),
    ...(nesterov === true ? { nesterov } : {}),
    ...(betas === undefined ? {} : { betas: `(${betas.map(real).join(", ")})` }),
    ...(weight_decay === undefined ? {} : { weight_decay }),
  };
  return Object.entries(values)
    .map(([key, value]) => `, ${key === "betas" ? `betas=${value}` : kwargs({ [key]: value })}`).join("");
}

/** The class of `torch.optim`. */
export const torchClass = ({ name }: OptimizerChoice): string => TORCH[name];

/** An optimizer of PyTorch over a model's parameters. */
export const torchOptimizer = (choice: OptimizerChoice, lr: string, parameters = "model.parameters()") =>
  `${torchClass(choice)}(${parameters}, lr=${lr}${settings(choice)})`;

/** Lines that make an optimizer of Keras. Its weight decay is decoupled, so another kind is left to the layers. */
export function kerasOptimizer(choice: OptimizerChoice, lr: string): string[] {
  const { name, momentum, nesterov, betas, weight_decay } = choice;
  const decays = weight_decay !== undefined && weight_decay > 0;
  const values = {
    ...(momentum === undefined || momentum === 0 ? {} : { momentum }),
    ...(nesterov === true ? { nesterov } : {}),
    ...(betas === undefined ? {} : { beta_1: betas[0], beta_2: betas[1] }),
    ...(decays && name === "adamw" ? { weight_decay } : {}),
  };
  const options = kwargs(values);
  return [
    ...(decays && name !== "adamw"
      ? [
        `# The weight decay of ${weight_decay} is coupled: kernel_regularizer=keras.regularizers.L2(${
          py(weight_decay / 2)
        }) in the layers.`,
      ]
      : []),
    `optimizer = keras.optimizers.${TORCH[name]}(learning_rate=${lr}${options === "" ? "" : `, ${options}`})`,
  ];
}

/** An optimizer of optax, and its settings apart from the rate. */
export function optaxOptimizer(choice: OptimizerChoice, lr: string): string {
  const { name, momentum, nesterov, betas, weight_decay } = choice;
  const decays = weight_decay !== undefined && weight_decay > 0;
  const options = kwargs({
    ...(momentum === undefined || momentum === 0 ? {} : { momentum }),
    ...(nesterov === true ? { nesterov } : {}),
    ...(betas === undefined ? {} : { b1: betas[0], b2: betas[1] }),
    // optax's adamw decays by 1e-4 where nothing is said, PyTorch's by 1e-2.
    ...(name === "adamw" ? { weight_decay: weight_decay ?? 0.01 } : {}),
  });
  const own = `optax.${name}(learning_rate=${lr}${options === "" ? "" : `, ${options}`})`;
  return decays && name !== "adamw"
    ? `optax.chain(optax.add_decayed_weights(${real(weight_decay)}), ${own})`
    : own;
}
