export interface Target {
  readonly name: string;
  /** Share of all inputs: what is slow gets few. */
  readonly share: number;
  /** Most inputs of one process; absent for the usual number. */
  readonly atOnce?: number;
  /** Names of errors that are an answer; any other is a fault. */
  readonly refusals: readonly string[];
  /** Right inputs, which are changed at random. */
  readonly seeds: readonly Uint8Array[];
  /** Reads one input. */
  read(bytes: Uint8Array): unknown;
}
