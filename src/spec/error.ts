import type { Path } from "./path.ts";

/** What was wrong with a spec and where: a complete message, to be shown as it is. */
export class SpecError extends SyntaxError {
  override name = "SpecError";
}

/** Something wrong in a spec as plain data. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
}
