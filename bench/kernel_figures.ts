/** One kernel at one shape. */
export interface KernelFigures {
  readonly kernel: string;
  /** `16×16, 16 → 32` */
  readonly shape: string;
  readonly ms: number;
  readonly gflops: number | null;
  /** Of what a core does on registers alone; `null` for kernels that are bound by memory. */
  readonly share_of_peak: number | null;
}
