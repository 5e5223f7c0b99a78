// Sums over calls by day, provider, model, organization and feature, as reporting/cells.py writes them. What is chosen
// is added up again, exactly: money in whole billionths of a dollar.
const MONEY = "cost";
const NANO = 1_000_000_000n;
const cellStore = readCells(JSON.parse(document.getElementById("page-cells")?.textContent || "null"));
let cellGroups = new Map();

function readCells(written) {
  if (!written) return null;
  return { pools: written.pools, folded: written.folded, partial: written.partial, cubes: written.cubes.map((cube) => readCube(cube, written.pools)) };
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

// An axis is a dimension, or what follows from one: "month", "month from 2026-01" (those before are ""), "weekday" of
// complete days, "complete", and "feature besides [...]" (those named are "").
const AXIS = /^(\w+)(?: (from|besides) (.*))?$/;

function axisOf(name) {
  const [, kind, relation, text] = AXIS.exec(name);
  const names = relation === "besides" ? JSON.parse(text) : [];
  if (kind === "month") return { of: "period", at: (day) => (relation && day.slice(0, 7) < text ? "" : day.slice(0, 7)) };
  if (kind === "weekday") return { of: "period", at: (day) => (isComplete(day) ? weekdayOf(day) : "") };
  if (kind === "complete") return { of: "period", at: (day) => (isComplete(day) ? "yes" : "") };
  return { of: kind, at: relation ? (value) => (names.includes(value) ? "" : "others") : (value) => value };
}

const isComplete = (day) => day !== "" && !cellStore.partial.includes(day);
const weekdayOf = (day) => String(new Date(day + "T00:00:00Z").getUTCDay() || 7);
const dimensionsOf = (axes) => [...new Set(axes.map((name) => axisOf(name).of))];

// The axes of a sum that is narrower than its row or label, with the value that it asks for.
function narrowing({ at = [], besides, daily }, by) {
  const axes = [...at];
  if (besides) axes.push([`${besides[0]} besides ${JSON.stringify(besides[1])}`, "others"]);
  if (daily && !by.includes("weekday")) axes.push(["complete", "yes"]);
  return axes;
}

// All dimensions that a part needs, which is divided by `by` and forms these sums.
const reachOf = (by, sums) => dimensionsOf([...by, ...sums.filter(Boolean).flatMap((sum) => narrowing(sum, by).map(([name]) => name))]);

// The cube that holds some dimensions, or undefined.
const cubeWith = (names) => cellStore?.cubes.find((cube) => names.every((name) => cube.by.includes(name)));

// The filters that a part of this reach can follow: as many of those that are on as one cube holds together.
function cellNames(reach) {
  const kept = dimensionsOf(reach);
  const active = activeDimensions().filter(isTold);
  for (const name of active) if (cubeWith([...new Set([...kept, name])])) kept.push(name);
  return SHARED.filter((name) => kept.includes(name) && (!state[name] || isTold(name)) && (active.includes(name) || cubeWith([...dimensionsOf(reach), name])));
}

// Whether the cells tell a chosen name from others: names of less cost may stand together.
const isTold = (name) => name === "period" || !cellStore || !cellStore.pools[name] || cellStore.pools[name].some((value) => (value || NO_NAME) === state[name]);
const isFolded = (names, values) => names.some((name, place) => cellStore.folded[name] && !cellStore.pools[name].includes(values[place]));

function emptySums(cube) {
  return Object.fromEntries(cube.columns.map(([name]) => [name, name === MONEY ? 0n : 0]));
}

// Sums by the values of some axes; the period can be left open for means that reach back.
function groupOf(by, reach, open) {
  const key = JSON.stringify([by, reach, open]);
  if (!cellGroups.has(key)) cellGroups.set(key, addedUp(by, reach, open));
  return cellGroups.get(key);
}

function addedUp(by, reach, open) {
  const active = cellNames(reach).filter((name) => state[name] && !(open && name === "period"));
  const cube = cubeWith([...new Set([...dimensionsOf(by), ...dimensionsOf(reach), ...active])]);
  const chosen = active.map((name) => [cube.places[cube.by.indexOf(name)], chosenPlaces(name)]);
  const axes = by.map((name) => {
    const axis = axisOf(name);
    return [cube.places[cube.by.indexOf(axis.of)], cellStore.pools[axis.of].map(axis.at)];
  });
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
const cellsOf = (by, values, reach = by, open = false) => groupOf(by, reach, open).get(values.join("\n")) ?? (by.length ? undefined : noSums());
const noSums = () => withPriced(emptySums(cubeWith([])));

// What a sum asks for of some values.
function sumsFor(by, values, sum, reach, open) {
  const axes = narrowing(sum, by);
  return cellsOf([...by, ...axes.map(([name]) => name)], [...values, ...axes.map(([, value]) => value)], reach, open);
}

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

// A figure of sums as {value, text, atLeast}: `text` is the plain decimal; null where it cannot be told. `days` are those
// that a mean is over.
function figureOf(sums, { measure, per, times, whole, daily }, reach, days) {
  if (measure === MONEY && isUnpriced(sums)) return null;
  const atLeast = measure === MONEY && !per && !whole && sums.priced_calls < sums.calls;
  if (!per && !whole && !daily) return measure === MONEY ? moneyOf(sums[measure], atLeast) : { value: sums[measure], text: String(sums[measure]), atLeast };
  const below = daily ? days : whole ? cellsOf([], [], reach)[measure] : sums[per];
  if (!below || Number(below) === 0) return null;
  const isMoney = measure === MONEY && !whole;
  const above = isMoney ? amountOf(sums[measure]) : Number(sums[measure]);
  const value = (above * (times || 1)) / Number(below);
  return { value, text: plainNumber(value), atLeast };
}

// Complete days of what is chosen: all, or those of one weekday.
function completeDays(weekday) {
  const { from, to } = state.period ? selection() : { from: pageData.firstDay, to: pageData.lastDay };
  return dayOptions(from, to).filter((day) => isComplete(day) && (!weekday || weekdayOf(day) === weekday)).length;
}

// Billionths of a dollar, an exact sum, as an amount of the page's currency: what is shown of cells comes from here.
const amountOf = (nano) => inCurrency(Number(nano) / 1e9);

function moneyOf(nano, atLeast) {
  const value = amountOf(nano);
  return { value, text: CURRENCY ? plainNumber(value) : nanoText(nano), atLeast };
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

function cellText(sums, sum, reach, unit, format, days) {
  const figure = figureOf(sums, sum, reach, days);
  return figure ? (figure.atLeast ? "\u2265\u00a0" : "") + format(figure.value, unit) : "n/a";
}

// A series of a chart over days, months, weekdays or names.
function cellSeries(data, series, reach) {
  const { sum } = series;
  const open = Boolean(sum.rolling);
  const timely = dimensionsOf(data.by).includes("period");
  const figures = data.members.map((member) => {
    const days = sum.daily ? completeDays(data.by[0] === "weekday" ? member?.[0] : "") : 0;
    const sums = member === null ? undefined : sumsFor(data.by, member, sum, reach, open);
    const figure = sums ? figureOf(sums, sum, reach, days) : member !== null && timely && !(sum.daily && !days) ? { value: 0 } : null;
    return figure ? figure.value : null;
  });
  if (sum.running) return runningSums(data.members, sum, reach);
  if (!open) return figures;
  return figures.map((_, place) => meanOf(figures.slice(Math.max(0, place + 1 - sum.rolling), place + 1), sum.rolling));
}

// The mean of so many values; null where there are fewer, or where one is unknown.
function meanOf(values, length) {
  if (values.length < length || values.includes(null)) return null;
  return values.reduce((whole, value) => whole + value, 0) / length;
}

// Each day with all chosen days before it; added up before it becomes a number with a point. Calls whose cost is unknown
// to the last come to no sum.
function runningSums(members, sum, reach) {
  let whole = emptySums(cubeWith([]));
  return members.map(([day]) => {
    const sums = cellsOf(["period"], [day], reach);
    if (sums) whole = sumsTogether([whole, sums]);
    if (sum.measure !== MONEY) return whole[sum.measure];
    return isUnpriced(whole) ? null : amountOf(whole.cost);
  });
}
