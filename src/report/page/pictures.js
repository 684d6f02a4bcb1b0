// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="esnext" />
/// <reference lib="dom" />
// Turns each picture into an image, as text: whoever dumps the page reads them there. It is inlined after Plotly.
(async () => {
  "use strict";

  /**
   * @typedef {{ id: string, data: unknown, layout: unknown, width: number, height: number }} Picture
   * @typedef {{ toImage(figure: unknown, options: unknown): Promise<string> }} Plotly
   */
  const Plotly = /** @type {{ Plotly: Plotly }} */ (/** @type {unknown} */ (globalThis)).Plotly;
  const asked = document.getElementById("pictures")?.textContent ?? "{}";
  /** @type {{ format: string, scale: number, pictures: Picture[] }} */
  const { format, scale, pictures } = JSON.parse(asked);
  for (const { id, data, layout, width, height } of pictures) {
    const image = document.createElement("pre");
    image.id = `image-${id}`;
    image.textContent = await Plotly.toImage({ data, layout }, { format, width, height, scale });
    document.body.append(image);
  }
})();
