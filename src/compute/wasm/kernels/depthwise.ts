/**
 * The gradients of a depthwise convolution, any stride, padding and dilation, as plain loops: common layers need
 * them to train, no model of the lab does. All images dense; the filter is [height, width, channels, multiplier],
 * and output channel channels · multiplier + m comes from channel by filter m. Both results are zeros before.
 */

/** dfilter[ky, kx, c, m] += Σ x · dy over the batch. */
export function depthwiseFilterGradient(
  x: usize, dy: usize, filter: usize, batch: i32, height: i32, width: i32, channels: i32, multiplier: i32,
  outHeight: i32, outWidth: i32, kernelHeight: i32, kernelWidth: i32, strideY: i32, strideX: i32, padTop: i32,
  padLeft: i32, dilationY: i32, dilationX: i32,
): void {
  for (let ky = 0; ky < kernelHeight; ky++) {
    for (let kx = 0; kx < kernelWidth; kx++) {
      const tap = filter + (<usize>((ky * kernelWidth + kx) * channels * multiplier) << 2);
      for (let item = 0; item < batch; item++) {
        for (let row = 0; row < outHeight; row++) {
          const y = row * strideY + ky * dilationY - padTop;
          if (y < 0 || y >= height) continue;
          for (let column = 0; column < outWidth; column++) {
            const at = column * strideX + kx * dilationX - padLeft;
            if (at < 0 || at >= width) continue;
            const from = x + (<usize>(((item * height + y) * width + at) * channels) << 2);
            const out = dy + (<usize>(((item * outHeight + row) * outWidth + column) * channels * multiplier) << 2);
            for (let c = 0, o = 0; c < channels; c++) {
              const value = load<f32>(from + (<usize>c << 2));
              for (let m = 0; m < multiplier; m++, o++) {
                const to = tap + (<usize>o << 2);
                store<f32>(to, load<f32>(to) + value * load<f32>(out + (<usize>o << 2)));
              }
            }
          }
        }
      }
    }
  }
}

/** dx[n, y, x, c] += Σ dy · filter over the taps that saw the pixel. */
export function depthwiseInputGradient(
  dy: usize, filter: usize, dx: usize, batch: i32, height: i32, width: i32, channels: i32, multiplier: i32,
  outHeight: i32, outWidth: i32, kernelHeight: i32, kernelWidth: i32, strideY: i32, strideX: i32, padTop: i32,
  padLeft: i32, dilationY: i32, dilationX: i32,
): void {
  for (let ky = 0; ky < kernelHeight; ky++) {
    for (let kx = 0; kx < kernelWidth; kx++) {
      const tap = filter + (<usize>((ky * kernelWidth + kx) * channels * multiplier) << 2);
      for (let item = 0; item < batch; item++) {
        for (let row = 0; row < outHeight; row++) {
          const y = row * strideY + ky * dilationY - padTop;
          if (y < 0 || y >= height) continue;
          for (let column = 0; column < outWidth; column++) {
            const at = column * strideX + kx * dilationX - padLeft;
            if (at < 0 || at >= width) continue;
            const to = dx + (<usize>(((item * height + y) * width + at) * channels) << 2);
            const out = dy + (<usize>(((item * outHeight + row) * outWidth + column) * channels * multiplier) << 2);
            for (let c = 0, o = 0; c < channels; c++) {
              const place = to + (<usize>c << 2);
              let sum = load<f32>(place);
              for (let m = 0; m < multiplier; m++, o++) {
                sum += load<f32>(out + (<usize>o << 2)) * load<f32>(tap + (<usize>o << 2));
              }
              store<f32>(place, sum);
            }
          }
        }
      }
    }
  }
}
