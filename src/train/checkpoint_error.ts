/** A checkpoint that cannot be used; the message says why. */
export class CheckpointError extends Error {
  override readonly name = "CheckpointError";
}
