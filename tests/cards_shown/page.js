// Draws the page, and turns a screenshot into a picture of few colours.
import "@skyra/discord-components-core";

// The component's own colours are those of an older Discord; these are today's, for its two themes.
const DARK = { message: "#313338", embed: "#2b2d31", text: "#dbdee1", strong: "#f2f3f5", quiet: "#b5bac1", link: "#00a8fc" };
const LIGHT = { message: "#ffffff", embed: "#f2f3f5", text: "#313338", strong: "#060607", quiet: "#4e5058", link: "#006ce7" };

function sheet(tag, is_light) {
  const colour = is_light ? LIGHT : DARK;
  const button = is_light ? "background:#e3e5e8;color:#313338" : "background:#4e5058;color:#fff";
  return {
    "discord-messages": `:host{background:${colour.message}!important;border:0!important}
      .discord-channel-name{flex:0 1 auto!important;min-width:0!important;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;
      color:${colour.strong}}`,
    "discord-message": `:host{color:${colour.text}!important}.discord-author-avatar{margin-right:12px!important}`,
    "discord-embed": `:host{color:${colour.text}!important;margin:4px 0 0!important}
      .discord-embed-wrapper{background:${colour.embed}!important;border:0!important;width:100%}
      .discord-embed-grid{padding:8px 12px 12px 10px!important}`,
    "discord-embed-footer": `:host{color:${colour.quiet}!important}`,
    "discord-reply": `:host{color:${colour.quiet}!important}.discord-replied-message-username{color:${colour.strong}!important}`,
    "discord-link": `a{color:${colour.link}!important}`,
    "discord-button": `.secondary{${button}}:host>*:first-child{border-radius:8px!important;padding:2px 12px!important}`,
  }[tag];
}

window.ready = (async () => {
  await document.fonts.ready;
  const elements = [...document.querySelectorAll("*")].filter((one) => one.localName.startsWith("discord-"));
  await Promise.all(elements.map((one) => one.updateComplete));
  for (const element of elements) {
    const text = sheet(element.localName, element.closest("discord-messages").hasAttribute("light-theme"));
    if (text && element.shadowRoot) {
      const ours = new CSSStyleSheet();
      ours.replaceSync(text);
      element.shadowRoot.adoptedStyleSheets = [...element.shadowRoot.adoptedStyleSheets, ours];
    }
  }
  await Promise.all([...document.fonts].map((font) => font.load()));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return true;
})();

window.place = (id) => {
  const { x, y, width, height } = document.getElementById(id).getBoundingClientRect();
  return { x: x + scrollX, y: y + scrollY, width, height };
};

// What reads the page aloud meets these words, in this order.
window.heard = (id) => document.getElementById(id).innerText;

// Returns { width, height, palette, rows }: at most 256 colours, the most frequent ones, and the nearest for the others.
window.indexed = async (screenshot) => {
  const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${screenshot}`)).blob());
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height).getContext("2d");
  canvas.drawImage(bitmap, 0, 0);
  const pixels = canvas.getImageData(0, 0, width, height).data;
  const counts = new Map();
  const key = (at) => (pixels[at] << 16) | (pixels[at + 1] << 8) | pixels[at + 2];
  for (let at = 0; at < pixels.length; at += 4) counts.set(key(at), (counts.get(key(at)) ?? 0) + 1);
  // Anti-aliased edges are many colours of few pixels: those that are told apart at four bits a channel get a place.
  const palette = [], cells = new Set();
  for (const [colour, count] of [...counts].sort((one, other) => other[1] - one[1])) {
    const cell = colour & 0xf0f0f0;
    if (palette.length < 256 && (count > 400 || !cells.has(cell))) palette.push(colour), cells.add(cell);
  }
  const far = (one, other) =>
    ((one >> 16) - (other >> 16)) ** 2 + (((one >> 8) & 255) - ((other >> 8) & 255)) ** 2 + ((one & 255) - (other & 255)) ** 2;
  const index = new Map();
  for (const colour of counts.keys())
    index.set(colour, palette.reduce((best, one, place) => (far(one, colour) < far(palette[best], colour) ? place : best), 0));
  let rows = "";
  for (let at = 0; at < pixels.length; at += 4) rows += String.fromCharCode(index.get(key(at)));
  return { width, height, palette, rows: btoa(rows) };
};
