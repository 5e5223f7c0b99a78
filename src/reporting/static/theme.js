// Runs before the first paint: says that scripts work, and takes up the reader's theme.
const themeNames = ["system", "light", "dark"];

function storedTheme() {
  try {
    const name = localStorage.getItem("finops-theme");
    return themeNames.includes(name) ? name : "system";
  } catch {
    return "system"; // storage can be forbidden; the system's wish then holds
  }
}

const theme = storedTheme();
document.documentElement.classList.add("js");
if (theme !== "system") document.documentElement.dataset.theme = theme;
