// Values in parts, as reporting/slices.py writes them: each measure's parts with the facets they belong to.
const FACET_NAMES = ["days", "providers", "organizations"];
const sliceStore = readSlices(JSON.parse(document.getElementById("slices")?.textContent || "null"));

function readSlices(written) {
  if (!written) return null;
  const pools = FACET_NAMES.map((name) => written.facets[name]);
  return { pools, grids: written.grids.map((steps) => gridPlaces(steps, pools)), values: written.values, measures: written.measures };
}

// A part's number holds the places of its day, provider and organization; each place counts from 1, 0 spans all.
function gridPlaces(steps, [, providers, organizations]) {
  let number = 0;
  return steps.map((step) => {
    number += step;
    const rest = Math.floor(number / (organizations.length + 1));
    return [Math.floor(rest / (providers.length + 1)), rest % (providers.length + 1), number % (organizations.length + 1)];
  });
}

function labelOf(labels, places, at) {
  if (labels === null) return 0;
  const axis = FACET_NAMES.indexOf(labels[0]);
  return axis < 0 ? labels[at] : labels[1][places[axis] - 1];
}

// Calls `visit(label, value, [day, provider, organization])` for every part; a name is undefined where it spans all.
function eachSlice(number, visit) {
  const { grid, values, labels } = sliceStore.measures[number];
  sliceStore.grids[grid].forEach((places, at) => {
    visit(labelOf(labels, places, at), sliceStore.values[values][at], places.map((place, axis) => sliceStore.pools[axis][place - 1]));
  });
}

// Which filters a measure can be asked by: those whose facet every part of it has, so that none is left out in silence.
const SLICED = ["period", "provider", "organization"];
const measureNames = (number) => {
  const measure = sliceStore.measures[number];
  measure.names ??= SLICED.filter((_, axis) => sliceStore.grids[measure.grid].every((places) => places[axis] > 0));
  return measure.names;
};

// Whether a part belongs to what is chosen. One that spans what the others are divided by belongs to nothing.
function isChosen([day, provider, organization], chosen, names) {
  const within = day !== undefined && (!chosen.from || (day >= chosen.from && day <= chosen.to));
  if (names.includes("period") && chosen.from && !within) return false;
  if (names.includes("provider") && chosen.provider && (provider === undefined || (provider || NO_NAME) !== chosen.provider)) return false;
  return !(names.includes("organization") && chosen.organization && (organization === undefined || (organization || NO_NAME) !== chosen.organization));
}

function chosenSum(number, chosen) {
  const names = measureNames(number);
  let sum = 0;
  eachSlice(number, (_, value, facets) => {
    if (isChosen(facets, chosen, names)) sum += value;
  });
  return sum;
}
