/** Everything that the module exports. */
export { activationGradient, addImages, relu, scale } from "./activation";
export * from "./average_pool";
export * from "./batch";
export * from "./batch_norm";
export {
  convolve,
  copyImage,
  filterGradient,
  packFilter,
  packFilterTransposed,
  unpackFilterGradient,
  zero,
} from "./convolution";
export * from "./depthwise";
export * from "./dropout";
export * from "./loss";
export * from "./optimizer";
export * from "./max_pool";
export { winograd, winogradFilter, winogradGradient } from "./winograd";
