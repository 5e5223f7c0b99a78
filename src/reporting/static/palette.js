// The colours of charts: canvas pixels ignore CSS, so each is asked for when it is drawn, and theme and print need no
// new chart.
const SERIES_COLOURS = 6;
const COLOUR_NAMES = ["ink", "muted", "line", "surface", "raised", "edge", "accent", "heat-low", "heat-high", "good", "bad"];
let palette = {};

function readPalette() {
  const probe = document.createElement("span");
  probe.style.forcedColorAdjust = "none"; // the canvas keeps its colours; else every series would have that of the text
  document.body.append(probe);
  const names = [...COLOUR_NAMES];
  for (let place = 1; place <= SERIES_COLOURS; place += 1) names.push("series-" + place);
  palette = Object.fromEntries(names.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color];
  }));
  probe.remove();
}

const colour = (name) => palette[name];
const seriesColour = (number) => colour("series-" + ((number % SERIES_COLOURS) + 1));
const channels = (text) => text.match(/[\d.]+/g).slice(0, 3).map(Number);
const faded = (text, share) => `rgb(${channels(text).join(" ")} / ${share})`;

function mixed(low, high, share) {
  const [one, other] = [channels(low), channels(high)];
  return `rgb(${one.map((part, place) => Math.round(part + (other[place] - part) * share)).join(" ")})`;
}

// Ink that reads on a colour: the lighter or the darker of the theme's two.
function inkOn(ground) {
  const [light, dark] = [colour("ink"), colour("surface")].sort((one, other) => luminance(other) - luminance(one));
  return luminance(ground) > 0.32 ? dark : light;
}

function luminance(text) {
  const [red, green, blue] = channels(text).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

// Entities beyond the sixth share a hue with another: bars are hatched, lines dashed.
function hatch(number) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const context = tile.getContext("2d");
  context.fillStyle = seriesColour(number);
  context.fillRect(0, 0, 8, 8);
  context.strokeStyle = colour("surface");
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(-2, 10);
  context.lineTo(10, -2);
  context.stroke();
  return context.createPattern(tile, "repeat");
}

const barFill = (number) => (number >= SERIES_COLOURS ? hatch(number) : seriesColour(number));
