/** Everything that the module exports. */
export { adamUpdate, lambUpdate, secondaryAdamUpdate } from "./adam";
export { activationGradient, addImages, relu, scale } from "./activation";
export { attention, attentionGradient } from "./attention";
export * from "./average_pool";
export * from "./batch";
export * from "./batch_norm";
export * from "./batch_norm_gradient";
export {
  convolve,
  copyImage,
  packFilter,
  packFilterTransposed,
  unpackFilterGradient,
  zero,
} from "./convolution";
export * from "./depthwise";
export * from "./dropout";
export { embedding, embeddingGradient, positionGradient } from "./embedding";
export { smoothActivation, smoothActivationGradient } from "./gelu";
export { layerNorm, layerNormGradient } from "./layer_norm";
export { filterGradient, productGradient } from "./filter_gradient";
export * from "./loss";
export { muonUpdate } from "./muon";
export * from "./optimizer";
export * from "./max_pool";
export * from "./max_pool_gradient";
export { prodigySums, prodigyUpdate } from "./prodigy";
export { scheduleFreeAdamwUpdate, scheduleFreeSgdUpdate } from "./schedule_free";
export * from "./upsample";
export * from "./vector";
export { winograd } from "./winograd";
export { winogradFilter } from "./winograd_filter";
export { winogradGradient } from "./winograd_gradient";
