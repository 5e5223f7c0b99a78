// The links to the sections of a page follow the scroll: that of the section in sight is marked and brought into view.
const READING_LINE = 0.3; // of the window's height

function currentSection(sections) {
  const line = window.innerHeight * READING_LINE;
  if (window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 2) return sections.at(-1);
  return sections.filter((section) => section.getBoundingClientRect().top <= line).at(-1);
}

function startSections() {
  const nav = document.querySelector("[data-contents]");
  if (!nav) return;
  const links = new Map([...nav.querySelectorAll("a")].map((link) => [document.getElementById(link.hash.slice(1)), link]));
  const sections = [...links.keys()].filter(Boolean);
  let marked = null;
  const follow = () => {
    const link = links.get(currentSection(sections)) ?? null;
    if (link === marked) return;
    marked?.removeAttribute("aria-current");
    link?.setAttribute("aria-current", "true");
    marked = link;
    if (link) nav.scrollTo({ left: link.offsetLeft - nav.clientWidth / 3, behavior: "instant" });
  };
  let waiting = false;
  window.addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      follow();
    });
  }, { passive: true });
  follow();
}
