// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="esnext" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
// Turns each picture into an image, as text: whoever dumps the page reads them there. It is inlined after Plotly.
(async () => {
  "use strict";

  /**
   * @typedef {{ id: string, title: string, caption: string, font: string, paper: string, ink: string, muted: string,
   *   data: unknown, layout: unknown, width: number, height: number }} Picture
   * @typedef {{ toImage(figure: unknown, options: unknown): Promise<string> }} Plotly
   */
  const Plotly = /** @type {{ Plotly: Plotly }} */ (/** @type {unknown} */ (globalThis)).Plotly;
  const SVG = "http://www.w3.org/2000/svg";
  const SIDE = 20;
  const pen = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));

  /** @param {string} name @param {Record<string, string | number>} attributes */
  function element(name, attributes) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    return made;
  }

  /**
   * Lines no wider than `width` in the pen's font, broken at spaces, and within a word that is wider.
   * @param {string} text
   * @param {number} width
   */
  function wrapped(text, width) {
    /** @type {string[]} */
    const lines = [];
    let line = "";
    for (const part of text.match(/\s|[^\s]+/g) ?? []) {
      if (pen.measureText(line + part).width > width && line !== "") {
        lines.push(line.trim());
        line = "";
      }
      for (const character of part) {
        if (pen.measureText(line + character).width > width) {
          lines.push(line.trim());
          line = "";
        }
        line += character;
      }
    }
    return [...lines, line.trim()].filter((found) => found !== "");
  }

  /** Title and caption as text from the top down, and where they end. @param {Picture} picture */
  function headOf({ title, caption, font, ink, muted, width }) {
    const styles = [
      { text: title, size: 18, weight: 700, line: 25, fill: ink },
      { text: caption, size: 12, weight: 400, line: 17, fill: muted },
    ];
    let bottom = SIDE - 8;
    const texts = styles.flatMap(({ text, size, weight, line, fill }) => {
      pen.font = `${weight} ${size}px ${font}`;
      bottom += 2;
      return wrapped(text, width - 2 * SIDE).map((words) => {
        bottom += line;
        const made = element("text", {
          class: "head",
          x: SIDE,
          y: bottom - Math.round(0.3 * size),
          "font-family": font,
          "font-size": size,
          "font-weight": weight,
          fill,
        });
        made.textContent = words;
        return made;
      });
    });
    return { texts, bottom: bottom + 12 };
  }

  /** The plot below its head as one SVG. @param {Picture} picture */
  async function composed(picture) {
    const { data, layout, width, height, paper } = picture;
    const address = await Plotly.toImage({ data, layout }, { format: "svg", width, height });
    const text = decodeURIComponent(address.slice(address.indexOf(",") + 1));
    const plot = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    const { texts, bottom } = headOf(picture);
    plot.setAttribute("y", String(bottom));
    const whole = element("svg", {
      width,
      height: height + bottom,
      viewBox: `0 0 ${width} ${height + bottom}`,
    });
    whole.append(element("rect", { width: "100%", height: "100%", fill: paper }), ...texts, plot);
    const source = new XMLSerializer().serializeToString(whole);
    const svg = `data:image/svg+xml,${encodeURIComponent(source)}`;
    return { svg, width, height: height + bottom };
  }

  /** @param {{ svg: string, width: number, height: number }} picture @param {number} scale */
  async function rastered({ svg, width, height }, scale) {
    const image = new Image();
    image.src = svg;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [scale * width, scale * height];
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL("image/png");
  }

  /** @type {{ format: "png" | "svg", scale: number, pictures: Picture[] }} */
  const { format, scale, pictures } = JSON.parse(document.getElementById("pictures")?.textContent ?? "{}");
  for (const picture of pictures) {
    const image = document.createElement("pre");
    image.id = `image-${picture.id}`;
    const made = await composed(picture);
    image.textContent = format === "svg" ? made.svg : await rastered(made, scale);
    document.body.append(image);
  }
})();
