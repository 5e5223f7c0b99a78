// Charts and tables of one kind under one selector: a reader sees those of one option at a time, the first at first.
const optionParts = () => [...document.querySelectorAll("[data-option]")];
const optionsOf = (section) => [...new Set(optionParts().filter((part) => part.dataset.choice === section).map((part) => part.dataset.option))];

function chosenOption(section) {
  const options = optionsOf(section);
  return options.includes(state.by[section]) ? state.by[section] : options[0];
}

function showChoices() {
  const chosen = new Map();
  for (const part of optionParts()) {
    const { choice, option } = part.dataset;
    if (!chosen.has(choice)) chosen.set(choice, chosenOption(choice));
    part.classList.toggle("is-other", option !== chosen.get(choice));
  }
  for (const button of document.querySelectorAll("[data-pick]")) {
    button.setAttribute("aria-pressed", String(button.dataset.pick === chosen.get(button.dataset.of)));
  }
}

function startChoices() {
  for (const button of document.querySelectorAll("[data-pick]")) {
    button.addEventListener("click", () => {
      const { of, pick: option } = button.dataset;
      setIn("by", of, option === optionsOf(of)[0] ? "" : option, { update: showChoices });
    });
  }
}

// A link into a part that another option hides brings its option to the front.
function chooseFor(target) {
  const part = target.closest("[data-option]");
  if (!part?.classList.contains("is-other")) return;
  state.by[part.dataset.choice] = part.dataset.option;
  showChoices();
}
