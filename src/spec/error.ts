import type { Path } from "./path.ts";

/** A spec that cannot be used; its message is complete, with the place of each problem. */
export class SpecError extends SyntaxError {
  override name = "SpecError";
}

/** A problem of a spec, with its place in the plain data. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
}
