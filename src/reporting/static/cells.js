// Sums over calls by day, provider, model, organization and feature, as reporting/cells.py writes them. What is chosen
// is added up again, exactly: money in whole billionths of a dollar.
const MONEY = "cost";
const NANO = 1_000_000_000n;
const cellStore = readCells(JSON.parse(document.getElementById("page-cells")?.textContent || "null"));
let cellGroups = new Map();

function readCells(written) {
  if (!written) return null;
  return { pools: written.pools, cubes: written.cubes.map((cube) => readCube(cube, written.pools)) };
}

function readCube({ by, size, keys, measures }, pools) {
  const places = by.map(() => new Uint32Array(size));
  let key = 0;
  const steps = varints(keys, size);
  for (let row = 0; row < size; row += 1) {
    key += Number(steps[row]);
    let rest = key;
    for (let axis = by.length - 1; axis >= 0; axis -= 1) {
      const count = pools[by[axis]].length;
      places[axis][row] = rest % count;
      rest = Math.floor(rest / count);
    }
  }
  const columns = Object.entries(measures).map(([name, text]) => [name, text === "" ? null : signed(varints(text, size), name === MONEY)]);
  return { by, size, places, columns };
}

// Whole numbers, seven bits a byte, the least first; the high bit says that more follow.
function varints(text, size) {
  const bytes = atob(text);
  const numbers = new Array(size);
  for (let at = 0, row = 0; row < size; row += 1) {
    let [number, weight, byte] = [0, 1, 0];
    do {
      byte = bytes.charCodeAt(at);
      number = weight < 2 ** 42 ? number + (byte & 127) * weight : BigInt(number) + BigInt(byte & 127) * BigInt(weight);
      weight *= 128;
      at += 1;
    } while (byte > 127);
    numbers[row] = number;
  }
  return numbers;
}

// Negative numbers are written as odd ones.
function signed(numbers, exact) {
  return numbers.map((number) => {
    if (!exact) return number % 2 ? -(number + 1) / 2 : number / 2;
    const whole = BigInt(number);
    return whole & 1n ? -((whole + 1n) >> 1n) : whole >> 1n;
  });
}

const forgetCells = () => (cellGroups = new Map());

// The cube that holds some dimensions, or undefined.
const cubeWith = (names) => cellStore?.cubes.find((cube) => names.every((name) => cube.by.includes(name)));

// The filters that a part divided by `by` can follow: as many of those that are on as one cube holds together.
function cellNames(by) {
  const kept = [...by];
  const active = activeDimensions();
  for (const name of active) if (cubeWith([...new Set([...kept, name])])) kept.push(name);
  return SHARED.filter((name) => kept.includes(name) && (active.includes(name) || cubeWith([...by, name])));
}

function emptySums(cube) {
  return Object.fromEntries(cube.columns.map(([name]) => [name, name === MONEY ? 0n : 0]));
}

// Sums by the values of some dimensions; the period can be left open for means that reach back.
function groupOf(by, open) {
  const key = by.join() + (open ? " open" : "");
  if (!cellGroups.has(key)) cellGroups.set(key, addedUp(by, open));
  return cellGroups.get(key);
}

function addedUp(by, open) {
  const names = cellNames(by).filter((name) => !(open && name === "period"));
  const cube = cubeWith([...new Set([...by, ...names.filter((name) => state[name])])]);
  const chosen = names.filter((name) => state[name]).map((name) => [cube.places[cube.by.indexOf(name)], chosenPlaces(name)]);
  const axes = by.map((name) => [cube.places[cube.by.indexOf(name)], cellStore.pools[name]]);
  const groups = new Map();
  for (let row = 0; row < cube.size; row += 1) {
    if (!chosen.every(([places, allowed]) => allowed[places[row]])) continue;
    const key = axes.map(([places, pool]) => pool[places[row]]).join("\n");
    let sums = groups.get(key);
    if (!sums) groups.set(key, (sums = emptySums(cube)));
    for (const [name, column] of cube.columns) if (column) sums[name] += column[row];
  }
  groups.forEach(withPriced);
  return groups;
}

function chosenPlaces(name) {
  const { from, to } = selection();
  return cellStore.pools[name].map((value) => (name === "period" ? value !== "" && value >= from && value <= to : (value || NO_NAME) === state[name]));
}

// What calls of some values used, of those that are chosen; undefined where there is none.
const cellsOf = (by, values, open = false) => groupOf(by, open).get(values.join("\n")) ?? (by.length ? undefined : withPriced(emptySums(cubeWith([]))));

// What is known of cost: the calls and tokens behind it. Most files have none without.
function withPriced(sums) {
  sums.priced_calls = sums.calls - sums.unpriced_calls;
  sums.priced_tokens = sums.tokens - sums.unpriced_tokens;
  return sums;
}

function sumsTogether(list) {
  const whole = emptySums(cubeWith([]));
  for (const sums of list) for (const name of Object.keys(whole)) whole[name] += sums[name];
  return withPriced(whole);
}

const isUnpriced = (sums) => sums.calls > 0 && sums.priced_calls === 0;

// A figure of sums as {value, text, atLeast}: `text` is the plain decimal; null where it cannot be told.
function figureOf(sums, { measure, per, times, whole }) {
  if (measure === MONEY && isUnpriced(sums)) return null;
  const atLeast = measure === MONEY && !per && !whole && sums.priced_calls < sums.calls;
  if (!per && !whole) return { value: measure === MONEY ? Number(sums[measure]) / 1e9 : sums[measure], text: measure === MONEY ? nanoText(sums[measure]) : String(sums[measure]), atLeast };
  const below = whole ? cellsOf([], [])[measure] : sums[per];
  if (!below || Number(below) === 0) return null;
  const scale = measure === MONEY && !whole ? 1e9 : 1;
  const value = (Number(sums[measure]) * (times || 1)) / scale / Number(below);
  return { value, text: plainNumber(value), atLeast: false };
}

function nanoText(nano) {
  const size = nano < 0n ? -nano : nano;
  const part = String(size % NANO).padStart(9, "0").replace(/0+$/, "");
  return (nano < 0n ? "-" : "") + size / NANO + (part ? "." + part : "");
}

// As reporting/number_format.py writes a quotient: fifteen significant digits, no exponent.
function plainNumber(value) {
  if (Number.isInteger(value)) return String(value);
  const text = Number(value.toPrecision(15)).toString();
  return text.includes("e") ? value.toFixed(20).replace(/0+$/, "") : text;
}

function cellText(sums, sum, unit, format) {
  const figure = figureOf(sums, sum);
  return figure ? (figure.atLeast ? "\u2265\u00a0" : "") + format(figure.value, unit) : "n/a";
}

// A series of a chart over days or names.
function cellSeries(data, series) {
  const { rolling } = series.sum;
  const open = Boolean(rolling);
  const figures = data.members.map((member) => {
    const sums = member === null ? undefined : cellsOf(data.by, member, open);
    const figure = sums && figureOf(sums, series.sum);
    return figure ? figure.value : data.by.includes("period") && !sums ? 0 : null;
  });
  if (!rolling) return figures;
  return figures.map((_, place) => (place + 1 < rolling ? null : figures.slice(place + 1 - rolling, place + 1).reduce((sum, value) => sum + (value ?? 0), 0) / rolling));
}
