/** A mistake of the person at the keyboard: printed as it is, without a stack trace; exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Something that failed though the command was right: printed as it is; exit code 1. */
export class Failure extends Error {
  override name = "Failure";
}

/** Stopped by the user after everything was saved and reported; exit code 130. */
export class Interrupted extends Error {
  override name = "Interrupted";
}

/** Another process did the work and reported everything; its exit code is this one's. */
export class Exited extends Error {
  override name = "Exited";
  constructor(readonly code: number) {
    super(`The process ended with code ${code}`);
  }
}
