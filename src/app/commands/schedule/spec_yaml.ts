/** The parts of a printed spec that vary; the data and the model are built in, so that it runs anywhere. */
export interface SpecText {
  readonly name: string;
  readonly comments: readonly string[];
  readonly arm: string;
  /** The schedule as one line of YAML. */
  readonly schedule: string;
  readonly duration: string;
  readonly clipNorm: number | null;
}

/** A spec that `train` runs. */
export function specYaml({ name, comments, arm, schedule, duration, clipNorm }: SpecText): string {
  const clip = clipNorm === null ? "" : `, clip_norm: ${clipNorm}`;
  return [
    ...comments.map((comment) => `# ${comment}`),
    `name: ${name}`,
    "dataset: { name: shapes, train: 8000, validation: 2000 }",
    "model: cnn-small",
    `optimizer: { name: sgd, momentum: 0.9${clip} }`,
    "batch_size: 64",
    `duration: ${duration}`,
    "seeds: [1, 2, 3]",
    "arms:",
    `  - name: ${arm}`,
    `    schedule: ${schedule}`,
  ].join("\n") + "\n";
}
