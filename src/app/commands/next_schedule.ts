/** Commands that read recorded runs and say of the next schedule what theory knows. */
export { predictCommand } from "./predict.ts";
export { refineCommand } from "./refine.ts";
