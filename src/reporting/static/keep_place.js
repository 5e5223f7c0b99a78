// A refresh brings new figures to a reader who stays where he was: scroll, open details and focus outlive it. Filters,
// sorting and searches stand in the address.
const KEPT = "finops-place";
const FOCUSABLE = "a[href], button, select, input, summary, [tabindex]";

function keepForRefresh() {
  const all = [...document.querySelectorAll("details")];
  const place = {
    page: pageData.id,
    scroll: window.scrollY,
    open: all.map((part) => part.open),
    focus: [...document.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement),
  };
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(place));
  } catch {
    // storage can be forbidden: the refreshed page then begins at its top
  }
}

function restoreAfterRefresh() {
  let place = null;
  try {
    place = JSON.parse(sessionStorage.getItem(KEPT) || "null");
    sessionStorage.removeItem(KEPT);
  } catch {
    return;
  }
  if (place?.page !== pageData.id) return;
  const all = [...document.querySelectorAll("details")];
  if (all.length === place.open.length) all.forEach((part, number) => (part.open = place.open[number]));
  document.querySelectorAll(FOCUSABLE)[place.focus]?.focus({ preventScroll: true });
  const scroll = () => window.scrollTo({ top: place.scroll, behavior: "instant" });
  scroll();
  requestAnimationFrame(() => requestAnimationFrame(scroll)); // charts take their height with the first frame
}
